import { z } from "zod";
import { KubeApiError, type KubeErrorCode } from "./api-error.ts";
import { oneLine } from "./one-line.ts";

const statusSchema = z.object({
  kind: z.literal("Status"),
  code: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z
    .object({
      retryAfterSeconds: z.number().optional(),
      causes: z.array(z.object({ reason: z.string().optional(), field: z.string().optional() })).optional(),
    })
    .optional(),
});

/** k8s.io/apimachinery `metav1.StatusReason`; those not listed are told apart by their HTTP status. */
const codeOfReason: Readonly<Record<string, KubeErrorCode>> = {
  Unauthorized: "Unauthorized",
  Forbidden: "Forbidden",
  NotFound: "NotFound",
  AlreadyExists: "AlreadyExists",
  Conflict: "Conflict",
  Gone: "Expired",
  Expired: "Expired",
  Invalid: "Invalid",
  BadRequest: "BadRequest",
  MethodNotAllowed: "MethodNotAllowed",
  UnsupportedMediaType: "UnsupportedMediaType",
  RequestEntityTooLarge: "TooLarge",
  TooManyRequests: "TooManyRequests",
  ServerTimeout: "Timeout",
  Timeout: "Timeout",
  InternalError: "ServerError",
  ServiceUnavailable: "Unavailable",
};

/** A continue token or a watch's resource version that the server no longer has, or does not have yet. */
const tooNewCause = "ResourceVersionTooLarge";

const messageBytes = 512;

/**
 * The error that an answer with a status of 400 or above means. `body` is what came, parsed if it was JSON;
 * `retryAfter` the header of that name, in seconds or as a date.
 */
export function failedAnswer(answer: {
  readonly request: string;
  readonly httpStatus: number;
  readonly body: unknown;
  readonly retryAfter?: string | undefined;
  readonly nowMs: number;
}): KubeApiError {
  const parsed = statusSchema.safeParse(answer.body);
  const status = parsed.success ? parsed.data : undefined;
  const code = codeOf(answer.httpStatus, status);
  const said = status?.message ?? (typeof answer.body === "string" ? answer.body : "");
  return new KubeApiError({
    code,
    httpStatus: answer.httpStatus,
    message: oneLine(`${answer.request}: ${answer.httpStatus} ${code}${said === "" ? "" : `: ${said}`}`, messageBytes),
    retryAfterMs: retryAfterMs(answer.retryAfter, status?.details?.retryAfterSeconds, answer.nowMs),
  });
}

function codeOf(httpStatus: number, status: z.infer<typeof statusSchema> | undefined): KubeErrorCode {
  if (status?.details?.causes?.some((cause) => cause.reason === tooNewCause)) return "Expired";
  const byReason = codeOfReason[status?.reason ?? ""];
  return byReason ?? codeOfHttpStatus(httpStatus);
}

function codeOfHttpStatus(httpStatus: number): KubeErrorCode {
  switch (httpStatus) {
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 405:
      return "MethodNotAllowed";
    case 409:
      return "Conflict";
    case 410:
      return "Expired";
    case 413:
      return "TooLarge";
    case 415:
      return "UnsupportedMediaType";
    case 422:
      return "Invalid";
    case 429:
      return "TooManyRequests";
    case 408:
    case 504:
      return "Timeout";
    case 502:
    case 503:
      return "Unavailable";
    default:
      return httpStatus >= 500 ? "ServerError" : "BadRequest";
  }
}

function retryAfterMs(header: string | undefined, seconds: number | undefined, nowMs: number): number | undefined {
  if (header !== undefined && /^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = header === undefined ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  return seconds === undefined || seconds < 0 ? undefined : seconds * 1000;
}
