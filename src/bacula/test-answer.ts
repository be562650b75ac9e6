import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { ConfigurationTest } from "../sync/ports.ts";
import { readConfigError } from "./config-error.ts";

/** How a DIRECTOR_TEST_COMMAND ended. */
export interface TestEnd {
  /** Undefined: a signal ended it. */
  readonly exitCode: number | undefined;
  /** stdout, then stderr. */
  readonly printed: string;
}

/** The command's own trouble: it may not read, or is given, the wrong file. */
const CANNOT_READ = /Cannot open config file|Permission denied/;

/**
 * What the test says of the configuration. It is broken only when the Director's own words say so: another failure, such
 * as of a wrapper that lost its way to the Director's machine, says nothing of any file.
 */
export function readTestAnswer({ exitCode, printed }: TestEnd): ConfigurationTest {
  if (exitCode === 0) return { kind: "sound" };
  const error = readConfigError(printed);
  if (error === undefined || exitCode === undefined || CANNOT_READ.test(printed)) {
    const how = exitCode === undefined ? "was killed" : `ended with exit code ${exitCode}`;
    const said = printed.split("\n").find((line) => line.trim() !== "") ?? "no output";
    return unknownTest(`${how}: ${error?.detail ?? said}`);
  }
  return { kind: "broken", ...error };
}

/** The command could not tell; `detail` says why, without a subject. */
export function unknownTest(detail: string): ConfigurationTest {
  return { kind: "unknown", detail: failureDetail(`DIRECTOR_TEST_COMMAND ${detail}`) };
}
