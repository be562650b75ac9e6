import type { LogFields, Logger } from "../../../src/kubernetes/logger.ts";

/** Keeps what was logged as `level message`, and the fields beside it. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = [];
  readonly fields: LogFields[] = [];

  debug(fields: LogFields, message: string): void {
    this.#keep("debug", fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.#keep("info", fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.#keep("warn", fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.#keep("error", fields, message);
  }

  child(): Logger {
    return this;
  }

  #keep(level: string, fields: LogFields, message: string): void {
    this.lines.push(`${level} ${message}`);
    this.fields.push(fields);
  }
}
