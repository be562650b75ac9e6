import type { ConfigurationTest } from "../sync/ports.ts";
import { wholeOutput } from "./console-output.ts";
import { findProgram } from "./find-program.ts";
import { runProgram } from "./run-program.ts";
import { readTestAnswer, unknownTest } from "./test-answer.ts";

export interface TestSettings {
  /** The program and its arguments, such as `bacula-dir -t -c FILE`. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** Of each stream; the first error is what counts, so what comes later is dropped. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/**
 * Runs DIRECTOR_TEST_COMMAND (rule 7): without a shell, with an empty stdin and nothing of our environment but PATH and
 * HOME, in the C locale. Rejects with the signal's reason on abort; any other trouble is `unknown`.
 */
export async function testConfiguration(
  { command, timeoutMs }: TestSettings,
  signal: AbortSignal,
): Promise<ConfigurationTest> {
  const [name, ...args] = command;
  if (name === undefined) return { kind: "notConfigured" };
  const { PATH = "/usr/bin:/bin", HOME = "/" } = process.env;
  const program = await findProgram(name, PATH);
  if (program === undefined) return unknownTest(`not found: there is no executable ${name}`);
  const stdout = wholeOutput(MAX_OUTPUT_BYTES);
  const stderr = wholeOutput(MAX_OUTPUT_BYTES);
  const end = await runProgram([program, ...args], {
    env: { PATH, HOME, LC_ALL: "C" },
    timeoutMs,
    signal,
    onStdout: (chunk) => {
      stdout.push(chunk);
      return true;
    },
    onStderr: (chunk) => stderr.push(chunk),
  });
  switch (end.kind) {
    case "exited":
      return readTestAnswer({ exitCode: end.exitCode, printed: `${stdout.text()}\n${stderr.text()}` });
    case "timedOut":
    case "tooLarge":
      return unknownTest(`did not end within ${timeoutMs} ms`);
    case "notStarted":
      return unknownTest(`did not start: ${end.cause instanceof Error ? end.cause.message : String(end.cause)}`);
    default:
      return end satisfies never;
  }
}
