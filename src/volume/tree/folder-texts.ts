import { join } from "node:path";
import type { FolderTexts } from "../../sync/ports.ts";
import { startTimeSlice } from "../../sync/time-slice.ts";
import { REJECTED_NAME } from "../layout.ts";
import { toVolumeError, VolumeError } from "../volume-error.ts";
import { listFolders } from "./client-index.ts";
import { readPlainFile } from "./read-plain-file.ts";
import { hasPurge } from "./read-purging.ts";

/**
 * The texts of a client's job and fileset files in the order of their slugs: what a published file is made of. A file
 * that is a link or cannot be read is thrown, not left out: its job would vanish from the Director.
 */
export async function readFolderTexts(clientDir: string, signal: AbortSignal): Promise<readonly FolderTexts[]> {
  const texts: FolderTexts[] = [];
  const slice = startTimeSlice();
  for (const entry of await listFolders(clientDir)) {
    if (slice.isUsedUp()) await slice.pause(signal);
    if (!entry.isDirectory()) continue; // a link is no VM of ours; readClient names it
    const folder = join(clientDir, entry.name);
    try {
      const job = readPlainFile(join(folder, "job"));
      const fileSet = readPlainFile(join(folder, "fileset"));
      if (job === undefined && (fileSet === undefined || hasPurge(folder))) continue;
      const rejected = readRejected(folder);
      texts.push({ slug: entry.name, job, fileSet, ...(rejected !== undefined && { rejected }) });
    } catch (error) {
      throw toVolumeError(error, "read", folder);
    }
  }
  return texts;
}

/** It is only told to people: one that cannot be read must not keep a sound job from the Director. */
function readRejected(folder: string): string | undefined {
  try {
    return readPlainFile(join(folder, REJECTED_NAME));
  } catch (error) {
    if (error instanceof VolumeError) return undefined;
    throw error;
  }
}
