import { execa } from "execa";
import { findProgram } from "./find-program.ts";

export interface ProgramOptions {
  /** The whole environment; nothing of ours is added. */
  readonly env: Readonly<Record<string, string>> & { readonly PATH: string };
  /** What it reads on stdin; undefined: nothing. */
  readonly input?: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Each piece of output as it comes. False: it prints too much and is ended. */
  readonly onStdout: (chunk: Uint8Array) => boolean;
  readonly onStderr: (chunk: Uint8Array) => void;
}

export type ProgramEnd =
  | {
      readonly kind: "exited";
      readonly exitCode: number | undefined;
      readonly killedBy: string | undefined;
    }
  | { readonly kind: "timedOut" }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "notStarted"; readonly cause: unknown };

/** Between SIGTERM and SIGKILL, and for the last bytes of an ended process that left its pipes to another. */
const KILL_GRACE_MS = 2_000;

/**
 * Runs one program without a shell. After `timeoutMs`, when it prints too much and on abort it gets SIGTERM and 2 s later
 * SIGKILL. It dies with us (rule 9): on a normal end by execa, on kill -9 by the kernel (PR_SET_PDEATHSIG, set by
 * util-linux's `setpriv` before it becomes the program, where there is a setpriv). Rejects with the signal's reason on
 * abort.
 */
export async function runProgram(
  command: readonly [string, ...string[]],
  { env, input, timeoutMs, signal, onStdout, onStderr }: ProgramOptions,
): Promise<ProgramEnd> {
  const [file, ...args] = await dyingWithUs(command, env.PATH);
  signal.throwIfAborted();
  let isTooLarge = false;
  const subprocess = execa(file, args, {
    env,
    extendEnv: false,
    input: input ?? "",
    buffer: false,
    reject: false,
    timeout: timeoutMs,
    cancelSignal: signal,
    killSignal: "SIGTERM",
    forceKillAfterDelay: KILL_GRACE_MS,
    cleanup: true,
  });
  subprocess.stdout.on("data", (chunk: Buffer) => {
    if (isTooLarge || onStdout(chunk)) return;
    isTooLarge = true;
    subprocess.kill();
  });
  subprocess.stderr.on("data", (chunk: Buffer) => onStderr(chunk));
  // A wrapper script that did not exec its program leaves it behind with our pipes open; they are not waited for long.
  subprocess.once("exit", () => {
    const pipes = setTimeout(() => {
      subprocess.stdout.destroy();
      subprocess.stderr.destroy();
    }, KILL_GRACE_MS);
    subprocess.stdout.once("close", () => clearTimeout(pipes));
  });

  const result = await subprocess;
  signal.throwIfAborted();
  if (isTooLarge) return { kind: "tooLarge" };
  if (result.timedOut) return { kind: "timedOut" };
  const { exitCode, signal: killedBy } = result;
  if (exitCode === undefined && killedBy === undefined && result.code !== undefined)
    return { kind: "notStarted", cause: result };
  return { kind: "exited", exitCode, killedBy };
}

async function dyingWithUs(
  command: readonly [string, ...string[]],
  searchPath: string,
): Promise<readonly [string, ...string[]]> {
  const setpriv = await findProgram("setpriv", searchPath);
  return setpriv === undefined ? command : [setpriv, "--pdeathsig", "KILL", "--", ...command];
}
