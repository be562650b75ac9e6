import { describe, expect, it } from "vitest";
import { type ConsoleEnd, consoleFailure, consoleNotFound, consoleNotStarted, type Login } from "./console-failure.ts";

const end: ConsoleEnd = {
  how: "exited",
  stdout: "",
  stderr: "",
  exitCode: 1,
  killedBy: undefined,
  timeoutMs: 60_000,
  maxBytes: 1_000,
};
const connecting = "Connecting to Director 127.0.0.1:9101\n";
const greeting = `${connecting}1000 OK: 10002 test-dir Version: 15.0.3 (25 March 2025)\nEnter a period to cancel a command.\n`;

describe("a bconsole that gave no answers", () => {
  it.each<readonly [string, Partial<ConsoleEnd>, string, RegExp]>([
    [
      "the Director is down",
      {
        stdout: `${connecting}[CE0019] Unable to connect to Director daemon on 127.0.0.1:19190. ERR=Connection refused\n`,
      },
      "DirectorUnreachable",
      /cannot be reached: \[CE0019\] .*Connection refused/,
    ],
    [
      "the password is wrong",
      { stdout: `${connecting}Director authorization problem.\nMost likely the passwords do not agree.\n` },
      "DirectorUnreachable",
      /name or password in B_CONSOLE_CONF.*authorization problem/,
    ],
    [
      "the configuration is missing",
      {
        stdout:
          "bconsole: ERROR TERMINATION at parse_conf.c:1611\nConfig error: Cannot open config file /x: No such file\n",
      },
      "ConsoleFailed",
      /set B_CONSOLE_CONF: .*Cannot open config file \/x/,
    ],
    [
      "a line of the configuration is wrong",
      { stderr: 'Config error: Keyword "x" not permitted\n            : line 3 of file /x\nPassword = "secret"\n' },
      "ConsoleFailed",
      /^(?!.*secret).*not permitted/,
    ],
    [
      "it did not begin for another reason",
      { stderr: "sh: 1: exec: x: not found\n", exitCode: 127 },
      "ConsoleFailed",
      /exit code 127.*not found/,
    ],
    [
      "it was killed from outside",
      { stdout: greeting, exitCode: undefined, killedBy: "SIGKILL" },
      "ConsoleFailed",
      /signal SIGKILL/,
    ],
    [
      "the session died",
      { stdout: `${greeting}.jobs\nBase\n`, exitCode: 0 },
      "ConsoleFailed",
      /before its last answer \(exit code 0\): Base/,
    ],
    ["the time was up", { how: "timedOut", stdout: `${greeting}.query\n` }, "TimedOut", /60000 ms/],
    [
      "the time was up before the login",
      { how: "timedOut", stdout: connecting },
      "DirectorUnreachable",
      /consoles are in use/,
    ],
    ["it printed too much", { how: "tooLarge", stdout: greeting }, "AnswerTooLarge", /1000 bytes/],
    // An answer's words are no sign of why the session ended.
    [
      "a session that died after such a text",
      { stdout: `${greeting}x\nConfig error: x\n` },
      "ConsoleFailed",
      /before its last answer/,
    ],
  ])("because %s", (_, change, reason, detail) => {
    expect(consoleFailure({ ...end, ...change })).toMatchObject({
      kind: "failed",
      reason,
      detail: expect.stringMatching(detail),
    });
  });

  it.each<readonly [Login, Partial<ConsoleEnd>]>([
    ["granted", { stdout: greeting }],
    ["granted", { how: "timedOut", stdout: `${greeting}The MaximumConsoleConnections limit is reached.\n` }],
    ["none", { stdout: connecting }],
    ["waited", { how: "timedOut", stdout: connecting }],
    ["full", { stdout: `${connecting}The Director is busy or the MaximumConsoleConnections limit is reached.\n` }],
  ])("tells how far the login got: %s", (login, change) => {
    expect(consoleFailure({ ...end, ...change }).login).toBe(login);
  });

  it("says what to set when there is no bconsole", () => {
    expect(consoleNotFound("/opt/bconsole").detail).toMatch(/bconsole not found: .*\/opt\/bconsole.*BCONSOLE/);
    expect(consoleNotStarted(new Error("spawn EAGAIN")).detail).toMatch(/spawn EAGAIN/);
  });
});
