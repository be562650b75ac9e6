/**
 * What this runtime needs of a logger; pino's fits. The message is a constant text, all that varies is a field, so that
 * a log can be searched by message and no value of a tenant can pass for one.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

export type LogFields = Readonly<Record<string, unknown>>;
