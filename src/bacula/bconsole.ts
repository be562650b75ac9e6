import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkConsoleCommand } from "./console-command.ts";
import { consoleFailure, consoleNotFound, consoleNotStarted, type FailedConsole } from "./console-failure.ts";
import { type ConsoleOutput, chosenLines, wholeOutput } from "./console-output.ts";
import { findProgram } from "./find-program.ts";
import { type ProgramOptions, runProgram } from "./run-program.ts";
import { cutTranscript, scriptText } from "./transcript.ts";

export interface ConsoleSettings {
  /** A path, or a name on PATH. Undefined: `bconsole` on PATH. */
  readonly bconsolePath?: string | undefined;
  /** Undefined: bconsole's own default. */
  readonly bconsoleConf?: string | undefined;
  /** From the start of the process to its last answer. */
  readonly timeoutMs: number;
  /** Of one call's stdout. */
  readonly maxBytes: number;
}

export interface ConsoleOptions {
  readonly signal: AbortSignal;
  /** Drops lines of the answers while they are read; see {@link chosenLines}. */
  readonly isWanted?: ((line: string) => boolean) | undefined;
}

export type ConsoleRun =
  /** One answer for each command, in their order; the session lived to the end of the last one. */
  { readonly kind: "completed"; readonly answers: readonly string[] } | FailedConsole;

const MAX_STDERR_BYTES = 64 * 1024;

/**
 * Runs one bconsole session with the given commands (rule 9): no shell, commands by stdin only, plain mode, an empty HOME
 * of its own for each call (bconsole runs `$HOME/.bconsolerc`), LC_ALL=C and nothing else of our environment but PATH.
 *
 * It is ended by {@link runProgram} after `timeoutMs`, beyond `maxBytes` and on abort; bconsole's own `-u` is not used,
 * since it loses the answer silently. Without setpriv a bconsole that we were killed beside lives until its present
 * command ends, since its stdin is closed then.
 *
 * Rejects with the signal's reason on abort, and with ConsoleCommandError for a command that must not be sent.
 */
export async function runConsole(
  settings: ConsoleSettings,
  commands: readonly string[],
  options: ConsoleOptions,
): Promise<ConsoleRun> {
  for (const command of commands) checkConsoleCommand(command);
  options.signal.throwIfAborted();

  const { PATH: searchPath = "/usr/bin:/bin" } = process.env;
  const wanted = settings.bconsolePath ?? "bconsole";
  const program = await findProgram(wanted, searchPath);
  if (program === undefined) return consoleNotFound(wanted);

  let home: string;
  try {
    home = await mkdtemp(join(tmpdir(), "bacula-openstack-sync-home-"));
  } catch (cause) {
    return consoleNotStarted(cause);
  }
  try {
    const configuration = settings.bconsoleConf === undefined ? [] : ["-c", resolve(settings.bconsoleConf)];
    const environment = { HOME: home, LC_ALL: "C", PATH: searchPath };
    return await converse([program, ...configuration], environment, settings, commands, options);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function converse(
  program: readonly [string, ...string[]],
  env: ProgramOptions["env"],
  { timeoutMs, maxBytes }: ConsoleSettings,
  commands: readonly string[],
  { signal, isWanted }: ConsoleOptions,
): Promise<ConsoleRun> {
  const script = { commands, token: `end-of-answer-${randomBytes(12).toString("hex")}` };
  const stdout = isWanted === undefined ? wholeOutput(maxBytes) : chosenLines(maxBytes, keepingFrame(isWanted, script));
  const stderr = wholeOutput(MAX_STDERR_BYTES);
  const end = await runProgram(program, {
    env,
    input: scriptText(script),
    timeoutMs,
    signal,
    onStdout: (chunk) => stdout.push(chunk),
    onStderr: (chunk) => stderr.push(chunk),
  });
  if (end.kind === "notStarted") return consoleNotStarted(end.cause);
  if (end.kind === "exited") {
    const transcript = cutTranscript(stdout.text(), script);
    if (transcript.kind === "complete") return { kind: "completed", answers: transcript.answers };
  }
  return consoleFailure({
    how: end.kind,
    stdout: withoutToken(stdout, script.token),
    stderr: stderr.text(),
    exitCode: end.kind === "exited" ? end.exitCode : undefined,
    killedBy: end.kind === "exited" ? end.killedBy : undefined,
    timeoutMs,
    maxBytes,
  });
}

/** The greeting, the echoes and the end words stay, whatever else is dropped. */
function keepingFrame(
  isWanted: (line: string) => boolean,
  script: { readonly commands: readonly string[]; readonly token: string },
): (line: string) => boolean {
  let inGreeting = true;
  return (line) => {
    const isEcho = script.commands.includes(line);
    if (isEcho) inGreeting = false;
    // Asked for every line, since the question may keep count of them.
    const isOfUse = isWanted(line);
    return isOfUse || isEcho || inGreeting || line.includes(script.token);
  };
}

/** The output for a detail that must be the same for the same trouble, and so without what is random in it. */
function withoutToken(output: ConsoleOutput, token: string): string {
  return output.text().replaceAll(token, "end-of-answer");
}
