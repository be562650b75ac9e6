import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { endProcess } from "./process-end.ts";

/**
 * Takes the folder for a new bed: what an earlier, crashed run of this name left behind is ended and removed first.
 * Throws when a living process still uses the bed: two test runs must not share one.
 */
export async function claimRunFolder(folder: string): Promise<void> {
  const owner = await readOwner(folder);
  if (owner !== undefined && owner.pid !== process.pid && (await startTimeOf(owner.pid)) === owner.startTime) {
    throw new Error(`the test bed ${folder} is in use by process ${owner.pid}: end that, or take another name`);
  }
  await clearFolder(folder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "owner"), `${process.pid} ${await startTimeOf(process.pid)}\n`);
}

/** Lets another process take the folder; its state stays. */
export async function releaseRunFolder(folder: string): Promise<void> {
  await rm(join(folder, "owner"), { force: true });
}

/** Ends every process that has a pid file in the folder, whoever started it. */
async function endDaemons(folder: string): Promise<void> {
  const pids: number[] = [];
  for (const name of await namesIn(join(folder, "pid"))) {
    const pid = Number(await readFile(join(folder, "pid", name), "utf8"));
    if (Number.isSafeInteger(pid) && pid > 1) pids.push(pid);
  }
  // SIGINT ends all of them, and PostgreSQL without waiting for its sessions.
  await Promise.all(pids.map((pid) => endProcess(pid, folder, "SIGINT", 3_000)));
  await rm(join(folder, "pid"), { recursive: true, force: true });
}

/** Ends the bed's processes and removes its state; the binaries in the cache stay. */
export async function wipeRunFolder(folder: string): Promise<void> {
  await clearFolder(folder);
  // The other part of the bed of this name may still be in it.
  await rmdir(dirname(folder)).catch(() => undefined);
}

async function clearFolder(folder: string): Promise<void> {
  await endDaemons(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** The process ids of a bed that was left running, by the name of their daemon. */
export async function runningDaemons(folder: string): Promise<ReadonlyMap<string, number>> {
  const daemons = new Map<string, number>();
  for (const name of await namesIn(join(folder, "pid"))) {
    daemons.set(name, Number(await readFile(join(folder, "pid", name), "utf8")));
  }
  return daemons;
}

interface Owner {
  readonly pid: number;
  readonly startTime: string | undefined;
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const [pid = "", startTime] = (await readFile(join(folder, "owner"), "utf8")).trim().split(" ");
    return { pid: Number(pid), startTime };
  } catch {
    return undefined;
  }
}

/** In clock ticks since boot: a pid that was given to another process has another one. Undefined: no such process. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the command's name in brackets and may hold blanks; the 20th after it is the start time.
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
