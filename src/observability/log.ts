import { Writable } from "node:stream";
import pino from "pino";
import { textLine } from "./text-line.ts";

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
const SECRETS = ["password", "token", "authorization", "*.password", "*.token", "*.authorization"];

/**
 * A log on standard output: JSON lines, or one line of text each for people. `err` fields keep the error's code,
 * message, stack and cause; text shows all but the stack.
 */
export function createLog(
  level: LogLevel,
  format: "text" | "json",
  output: NodeJS.WritableStream = process.stdout,
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS, censor: "[not shown]" },
    serializers: { err: pino.stdSerializers.errWithCause },
  };
  if (format === "json") return pino(options, output);
  const asText = new Writable({
    write(chunk: Buffer, _encoding, done) {
      output.write(textLine(chunk.toString("utf8")));
      done();
    },
  });
  return pino(options, asText);
}
