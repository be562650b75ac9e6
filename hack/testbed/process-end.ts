import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** How often an empty command line is read again: it is empty for a moment while a process becomes another program. */
const EMPTY_READS = 10;

/**
 * True while the process lives and its command line names `folder`: a process id alone may have been given to another
 * by now, and a dead child that nobody waited for has an empty command line for good.
 */
export async function isOurs(pid: number, folder: string): Promise<boolean> {
  for (let read = 0; read < EMPTY_READS; read += 1) {
    const commandLine = await commandLineOf(pid);
    if (commandLine !== "") return commandLine?.includes(`${folder}/`) ?? false;
    await sleep(5);
  }
  return false;
}

async function commandLineOf(pid: number): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process of that folder; nothing happens when it is gone or somebody else's. */
export async function signalOurs(pid: number, folder: string, signal: NodeJS.Signals): Promise<void> {
  if (!(await isOurs(pid, folder))) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Ends a process of that folder: the signal, then SIGKILL after `graceMs`; resolves when it is gone. */
export async function endProcess(pid: number, folder: string, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  await signalOurs(pid, folder, signal);
  // A process that a test has paused could not end.
  await signalOurs(pid, folder, "SIGCONT");
  const deadline = performance.now() + graceMs;
  while (await isOurs(pid, folder)) {
    if (performance.now() > deadline) await signalOurs(pid, folder, "SIGKILL");
    await sleep(20);
  }
}
