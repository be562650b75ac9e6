import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { ConfigurationTest } from "../sync/ports.ts";

/** How a DIRECTOR_TEST_COMMAND ended. */
export interface TestEnd {
  /** Undefined: a signal ended it. */
  readonly exitCode: number | undefined;
  /** stdout, then stderr. */
  readonly printed: string;
}

/** `bacula-dir -t` in its own words (15.0.3); it prints each error twice, the second time with a date. */
const ERROR =
  /(?:Config error|Fatal error): *(.+)|^.*(Could not open Catalog .*|Please correct configuration file.*)$/m;
const LOCATION = /: line (\d+), col \d+ of file (.+)$/m;
/** The command's own trouble: it may not read, or is given, the wrong file. */
const CANNOT_READ = /Cannot open config file|Permission denied/;

/**
 * What the test says of the configuration. It is broken only when the Director's own words say so: another failure, such
 * as of a wrapper that lost its way to the Director's machine, says nothing of any file.
 */
export function readTestAnswer({ exitCode, printed }: TestEnd): ConfigurationTest {
  if (exitCode === 0) return { kind: "sound" };
  const error = ERROR.exec(printed);
  if (error === null || exitCode === undefined || CANNOT_READ.test(printed)) {
    const how = exitCode === undefined ? "was killed" : `ended with exit code ${exitCode}`;
    const said = printed.split("\n").find((line) => line.trim() !== "") ?? "no output";
    return unknownTest(`${how}: ${error?.[1] ?? said}`);
  }
  const message = error[1] ?? error[2] ?? "";
  const location = LOCATION.exec(printed);
  if (location === null) return { kind: "broken", detail: failureDetail(message) };
  const [, line = "", file = ""] = location;
  return { kind: "broken", detail: failureDetail(`${message} (line ${line} of ${file})`), file, line: Number(line) };
}

/** The command could not tell; `detail` says why, without a subject. */
export function unknownTest(detail: string): ConfigurationTest {
  return { kind: "unknown", detail: failureDetail(`DIRECTOR_TEST_COMMAND ${detail}`) };
}
