import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { RefusedConfiguration } from "../sync/ports.ts";

/** The Director's own words for what it does not take (15.0.3), whether `bacula-dir -t` prints them or its log has them. */
const ERROR =
  /(?:Config error|Fatal error): *(.+)|^.*(Could not open Catalog .*|Please correct configuration file.*)$/m;
const LOCATION = /: line (\d+), col \d+ of file (.+)$/m;

/** The first error in what the Director said, with its place where it names one; undefined: it told none. */
export function readConfigError(said: string): RefusedConfiguration | undefined {
  const error = ERROR.exec(said);
  if (error === null) return undefined;
  const message = error[1] ?? error[2] ?? "";
  const location = LOCATION.exec(said);
  if (location === null) return { detail: failureDetail(message) };
  const [, line = "", file = ""] = location;
  return { detail: failureDetail(`${message} (line ${line} of ${file})`), file, line: Number(line) };
}
