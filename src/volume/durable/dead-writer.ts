import { readdirSync, readFileSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { startTimeSlice } from "../../sync/time-slice.ts";
import type { FolderPair, Layout } from "../layout.ts";
import { systemCode, toVolumeError } from "../volume-error.ts";
import { replaceFiles } from "./replace-files.ts";
import { isTemporaryName } from "./temporary-file.ts";

const Writing = z.object({ clients: z.array(z.object({ datacenter: z.string(), openstack: z.string() })) });

/**
 * Runs `work`, which writes to the folders of these clients, with a durable note of them: should we die, the next
 * writer knows where temporary files may lie, also of clients that nobody configures any more, and need not look
 * through the whole tree each time.
 */
export async function noteWriting<T>(
  clients: readonly FolderPair[],
  layout: Layout,
  newFileGid: number,
  work: () => Promise<T>,
): Promise<T> {
  const note = clients.map(({ datacenter, openstack }) => ({ datacenter, openstack }));
  const unit = { files: [{ target: layout.writingFile, bytes: Buffer.from(JSON.stringify({ clients: note })) }] };
  const signal = new AbortController().signal;
  const failed = await replaceFiles([unit], { syncRoot: layout.stateDir, newFileGid, signal });
  const error = failed.get(unit);
  if (error !== undefined) throw error;
  const result = await work(); // when it throws it has cleaned up itself, or the note must stay
  await rm(layout.writingFile, { force: true });
  return result;
}

/**
 * Removes what writers that died have left; to be called by the holder of the lock before anything else, so that every
 * temporary file that is found is a dead writer's. Answers how many there were.
 */
export async function cleanUpAfterDeadWriters(layout: Layout, signal: AbortSignal): Promise<number> {
  let removed = removeTemporariesIn(layout.stateDir) + removeTemporariesIn(layout.swapDir);
  const clients = readNote(layout);
  if (clients === undefined) return removed;
  removed += removeTemporariesIn(layout.baseDir);
  const slice = startTimeSlice();
  for (const client of clients) {
    const folder = layout.clientDir(client);
    removed += removeTemporariesIn(folder);
    for (const name of namesIn(folder)) {
      if (slice.isUsedUp()) await slice.pause(signal);
      if (!name.startsWith(".")) removed += removeTemporariesIn(join(folder, name));
    }
  }
  await rm(layout.writingFile, { force: true });
  return removed;
}

function readNote(layout: Layout): readonly FolderPair[] | undefined {
  try {
    return Writing.parse(JSON.parse(readFileSync(layout.writingFile, "utf8"))).clients;
  } catch (error) {
    if (systemCode(error) === undefined) return []; // not ours or damaged; the rename of a note cannot tear it
    if (systemCode(error) === "ENOENT") return undefined;
    throw toVolumeError(error, "read", layout.writingFile);
  }
}

function removeTemporariesIn(folder: string): number {
  let removed = 0;
  for (const name of namesIn(folder)) {
    if (!isTemporaryName(name)) continue;
    const path = join(folder, name);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw toVolumeError(error, "write", folder);
    }
    removed += 1;
  }
  return removed;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw toVolumeError(error, "read", folder);
  }
}
