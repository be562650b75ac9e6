import { failureDetail } from "../domain/discovery/failure-detail.ts";

/** Why a bconsole call gave no answers. A part of both DirectorFailure and DiscoveryFailure. */
export type ConsoleFailure = "DirectorUnreachable" | "ConsoleFailed" | "TimedOut" | "AnswerTooLarge";

export interface FailedConsole {
  readonly kind: "failed";
  readonly reason: ConsoleFailure;
  /** Bounded, free of control characters, times and passwords. */
  readonly detail: string;
  readonly login: Login;
}

/**
 * How far it got. `granted`: the Director let us in, so it may have begun with the commands. `full`: all of its consoles
 * are in use, as bconsole says after 25 minutes. `waited`: our time was up before; its consoles are in use, or it hangs.
 */
export type Login = "granted" | "full" | "waited" | "none";

/** How a bconsole process ended that did not give all answers. */
export interface ConsoleEnd {
  readonly how: "exited" | "timedOut" | "tooLarge";
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly killedBy: string | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * Texts of a bconsole that could not begin (measured with 15.0.3). The exit code is 1 for all of them, and 0 for any
 * error of a command.
 */
const TEXTS: ReadonlyArray<readonly [RegExp, ConsoleFailure, string]> = [
  [
    /^.*(?:authorization problem|passwords do not agree).*$/im,
    "DirectorUnreachable",
    "the Console's name or password in B_CONSOLE_CONF does not fit the Director",
  ],
  [/^.*\[CE\d+\].*$/m, "DirectorUnreachable", "the Director cannot be reached"],
  [
    /^.*(?:Unable to connect to Director|TLS negotiation failed|Director is busy).*$/im,
    "DirectorUnreachable",
    "the Director cannot be reached",
  ],
  [/^.*Config error:.*$/m, "ConsoleFailed", "bconsole cannot read its configuration; set B_CONSOLE_CONF"],
  [/^.*ERROR TERMINATION.*$/m, "ConsoleFailed", "bconsole cannot start"],
];

/** Classifies, once and here, how a call failed. */
export function consoleFailure(end: ConsoleEnd): FailedConsole {
  const login = loginOf(end);
  const failed = (reason: ConsoleFailure, detail: string): FailedConsole => ({
    kind: "failed",
    reason,
    detail: failureDetail(detail),
    login,
  });

  if (end.how === "tooLarge")
    return failed("AnswerTooLarge", `bconsole printed more than ${end.maxBytes} bytes and was killed`);
  if (end.how === "timedOut") {
    return login === "granted"
      ? failed("TimedOut", `bconsole had no whole answer within ${end.timeoutMs} ms and was killed`)
      : failed(
          "DirectorUnreachable",
          `the Director did not let bconsole in within ${end.timeoutMs} ms; perhaps all of its consoles are in use`,
        );
  }
  if (login !== "granted") {
    const printed = `${end.stdout}\n${end.stderr}`;
    for (const [pattern, reason, meaning] of TEXTS) {
      const line = pattern.exec(printed)?.[0];
      if (line !== undefined) return failed(reason, `${meaning}: ${line}`);
    }
  }
  const how = end.killedBy === undefined ? `exit code ${end.exitCode ?? "unknown"}` : `signal ${end.killedBy}`;
  const last = lastLine(end.stderr) ?? lastLine(end.stdout) ?? "no output";
  return failed("ConsoleFailed", `bconsole ended before its last answer (${how}): ${last}`);
}

function loginOf({ how, stdout, stderr }: ConsoleEnd): Login {
  if (/^1000 OK/m.test(stdout)) return "granted";
  if (/MaximumConsoleConnections limit is reached/.test(`${stdout}\n${stderr}`)) return "full";
  return how === "timedOut" ? "waited" : "none";
}

/** bconsole itself is not there, or may not be run. */
export function consoleNotFound(program: string): FailedConsole {
  return {
    kind: "failed",
    reason: "ConsoleFailed",
    detail: failureDetail(
      `bconsole not found: there is no executable ${program}. Set BCONSOLE to the path of bconsole.`,
    ),
    login: "none",
  };
}

/** bconsole could not be started for a reason of this machine, such as no free processes or an unwritable TMPDIR. */
export function consoleNotStarted(cause: unknown): FailedConsole {
  const text = cause instanceof Error ? cause.message : String(cause);
  return {
    kind: "failed",
    reason: "ConsoleFailed",
    detail: failureDetail(`bconsole did not start: ${text}`),
    login: "none",
  };
}

function lastLine(text: string): string | undefined {
  return text
    .trimEnd()
    .split("\n")
    .findLast((line) => line.trim() !== "");
}
