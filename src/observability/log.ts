import pino from "pino";

/** Fields first, then a constant message: a log can be searched by its message and never carries a secret in it. */
export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  child(fields: object): Log;
}

export type LogLevel = "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** Names under which a secret could get into a log by accident; their values are never written. */
const SECRETS = ["password", "token", "authorization", "*.password", "*.token", "*.authorization", "*.PGPASSWORD"];

/** JSON lines on standard output. `err` fields keep the error's code, message, stack and cause. */
export function createLog(level: LogLevel): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS, censor: "[not shown]" },
    serializers: { err: pino.stdSerializers.errWithCause },
  });
}
