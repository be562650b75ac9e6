/**
 * Why a call to the API server did not succeed. The first group is the server's own `Status.reason` (or its HTTP
 * status where a proxy answered in its place), the second is what happened before there was an answer.
 */
export type KubeErrorCode =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "MethodNotAllowed"
  | "AlreadyExists"
  | "Conflict"
  | "Expired"
  | "TooLarge"
  | "UnsupportedMediaType"
  | "Invalid"
  | "TooManyRequests"
  | "ServerError"
  | "Unavailable"
  | "Timeout"
  | "UnexpectedAnswer"
  | "ConnectionRefused"
  | "ConnectionLost"
  | "NameNotResolved"
  | "TlsFailed"
  | "CredentialsFailed";

export interface KubeFailure {
  readonly code: KubeErrorCode;
  /** Short, one line, safe to log; never a body or a header. */
  readonly message: string;
  /** 0 when there was no answer. */
  readonly httpStatus: number;
  /** What the server asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A call to the API server that failed; branch on `code`, never on the message. */
export class KubeApiError extends Error {
  override readonly name = "KubeApiError";
  readonly code: KubeErrorCode;
  readonly httpStatus: number;
  readonly retryAfterMs: number | undefined;

  constructor(failure: KubeFailure) {
    super(failure.message, { cause: failure.cause });
    this.code = failure.code;
    this.httpStatus = failure.httpStatus;
    this.retryAfterMs = failure.retryAfterMs;
  }
}

/** Whether `error` is an answer or a failure of the API server with one of these codes. */
export function isKubeError(error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeApiError {
  return error instanceof KubeApiError && (codes.length === 0 || codes.includes(error.code));
}
