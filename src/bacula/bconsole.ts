import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { checkConsoleCommand } from "./console-command.ts";
import { consoleFailure, consoleNotFound, consoleNotStarted, type FailedConsole } from "./console-failure.ts";
import { type ConsoleOutput, chosenLines, wholeOutput } from "./console-output.ts";
import { findProgram } from "./find-program.ts";
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

/** Between SIGTERM and SIGKILL, and for the last bytes of an ended process that left its pipes to another. */
const KILL_GRACE_MS = 2_000;
const MAX_STDERR_BYTES = 64 * 1024;

/**
 * Runs one bconsole session with the given commands (rule 9): no shell, commands by stdin only, plain mode, an empty HOME
 * of its own for each call (bconsole runs `$HOME/.bconsolerc`), LC_ALL=C and nothing else of our environment but PATH.
 *
 * After `timeoutMs`, beyond `maxBytes` and on abort the process gets SIGTERM and 2 s later SIGKILL; bconsole's own `-u`
 * is not used, since it loses the answer silently. The process dies with us: on a normal end by execa, on kill -9 by
 * the kernel (PR_SET_PDEATHSIG, set by util-linux's `setpriv` before it becomes bconsole). Without setpriv a bconsole
 * that we were killed beside lives until its present command ends, since its stdin is closed then.
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
    const [file, ...args] = await dyingWithUs([program, ...configuration], searchPath);
    const environment = { HOME: home, LC_ALL: "C", PATH: searchPath };
    return await converse(file, args, environment, settings, commands, options);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function dyingWithUs(
  command: readonly [string, ...string[]],
  searchPath: string,
): Promise<readonly [string, ...string[]]> {
  const setpriv = await findProgram("setpriv", searchPath);
  return setpriv === undefined ? command : [setpriv, "--pdeathsig", "KILL", "--", ...command];
}

async function converse(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { timeoutMs, maxBytes }: ConsoleSettings,
  commands: readonly string[],
  { signal, isWanted }: ConsoleOptions,
): Promise<ConsoleRun> {
  const script = { commands, token: `end-of-answer-${randomBytes(12).toString("hex")}` };
  const stdout = isWanted === undefined ? wholeOutput(maxBytes) : chosenLines(maxBytes, keepingFrame(isWanted, script));
  const stderr = wholeOutput(MAX_STDERR_BYTES);
  let isTooLarge = false;

  const subprocess = execa(file, args, {
    env,
    extendEnv: false,
    input: scriptText(script),
    buffer: false,
    reject: false,
    timeout: timeoutMs,
    cancelSignal: signal,
    killSignal: "SIGTERM",
    forceKillAfterDelay: KILL_GRACE_MS,
    cleanup: true,
  });
  subprocess.stdout.on("data", (chunk: Buffer) => {
    if (isTooLarge || stdout.push(chunk)) return;
    isTooLarge = true;
    subprocess.kill();
  });
  subprocess.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A wrapper script that did not exec bconsole leaves it behind with our pipes open; they are not waited for long.
  subprocess.once("exit", () => {
    const pipes = setTimeout(() => {
      subprocess.stdout.destroy();
      subprocess.stderr.destroy();
    }, KILL_GRACE_MS);
    subprocess.stdout.once("close", () => clearTimeout(pipes));
  });

  const result = await subprocess;
  signal.throwIfAborted();
  if (!result.timedOut && !isTooLarge) {
    const transcript = cutTranscript(stdout.text(), script);
    if (transcript.kind === "complete") return { kind: "completed", answers: transcript.answers };
  }
  if (result.exitCode === undefined && result.signal === undefined && result.code !== undefined) {
    return consoleNotStarted(result);
  }
  return consoleFailure({
    how: isTooLarge ? "tooLarge" : result.timedOut ? "timedOut" : "exited",
    stdout: withoutToken(stdout, script.token),
    stderr: stderr.text(),
    exitCode: result.exitCode,
    killedBy: result.signal,
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
