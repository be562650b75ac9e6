import { KubeApiError, type KubeErrorCode } from "./api-error.ts";
import { oneLine } from "./one-line.ts";

const codeOfCause: Readonly<Record<string, KubeErrorCode>> = {
  ECONNREFUSED: "ConnectionRefused",
  EHOSTUNREACH: "ConnectionRefused",
  ENETUNREACH: "ConnectionRefused",
  ENOTFOUND: "NameNotResolved",
  EAI_AGAIN: "NameNotResolved",
  ETIMEDOUT: "Timeout",
  UND_ERR_CONNECT_TIMEOUT: "Timeout",
  UND_ERR_HEADERS_TIMEOUT: "Timeout",
  UND_ERR_BODY_TIMEOUT: "Timeout",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "TooLarge",
  EPROTO: "TlsFailed",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TlsFailed",
  SELF_SIGNED_CERT_IN_CHAIN: "TlsFailed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TlsFailed",
  UNABLE_TO_GET_ISSUER_CERT: "TlsFailed",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TlsFailed",
  CERT_HAS_EXPIRED: "TlsFailed",
  CERT_NOT_YET_VALID: "TlsFailed",
};

/** The error that a call without a (whole) answer means. Everything not known better is a lost connection. */
export function failedConnection(request: string, cause: unknown): KubeApiError {
  const found = codesOf(cause);
  const known = found.map((code) => codeOfCause[code] ?? (/^ERR_(TLS|SSL)_/.test(code) ? "TlsFailed" : undefined));
  const code = known.find((each) => each !== undefined) ?? "ConnectionLost";
  const said = cause instanceof Error ? cause.message : String(cause);
  return new KubeApiError({
    code,
    httpStatus: 0,
    message: oneLine(`${request}: ${code}: ${said === "" ? found.join(" ") : said}`, 512),
    cause,
  });
}

/** Codes of an error, its causes, and of every attempt where several addresses were tried. */
function codesOf(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error) || depth > 4) return [];
  const own = "code" in error && typeof error.code === "string" ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [...own, ...inner.flatMap((each) => codesOf(each, depth + 1))];
}
