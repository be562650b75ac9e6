import { type Dirent, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { renderInclude, UnsafePathError } from "../../domain/publishing/render-include.ts";
import { startTimeSlice } from "../../sync/time-slice.ts";
import type { FolderPair, Layout } from "../layout.ts";
import { isFolderName } from "../layout.ts";
import { systemCode, toVolumeError, VolumeError } from "../volume-error.ts";

/** Made by mkfs in every ext file system, and closed to everyone but root. */
const NO_DATACENTER = "lost+found";

/**
 * The text that include.conf must have: one line per published file in the tree, also of clients that nobody
 * configures, plus `added` and minus `removed` (what a swap is about to do). Any error is thrown: a part of the tree
 * that cannot be seen must never make jobs vanish from the Director (spec section 3).
 */
export async function includeTextFor(
  layout: Layout,
  signal: AbortSignal,
  { added = [], removed = [] }: { added?: readonly FolderPair[]; removed?: readonly FolderPair[] } = {},
): Promise<string> {
  const paths = new Set((await publishedClients(layout, signal)).map((client) => layout.directorPathOf(client)));
  for (const client of added) paths.add(layout.directorPathOf(client));
  for (const client of removed) paths.delete(layout.directorPathOf(client));
  try {
    return renderInclude(paths);
  } catch (error) {
    if (!(error instanceof UnsafePathError)) throw error;
    // A folder made by hand whose name the Director's lexer would act on; leaving it out would make its jobs vanish.
    throw new VolumeError("NotWritable", `${error.message}; rename the folder`, { cause: error });
  }
}

/** Every folder two levels below BASE_DIR that has a published file. Links are followed: what loads today stays. */
async function publishedClients(layout: Layout, signal: AbortSignal): Promise<readonly FolderPair[]> {
  const found: FolderPair[] = [];
  const slice = startTimeSlice();
  for (const datacenter of await foldersIn(layout.baseDir)) {
    for (const openstack of await foldersIn(join(layout.baseDir, datacenter))) {
      if (slice.isUsedUp()) await slice.pause(signal);
      const client = { datacenter, openstack };
      if (isPublished(layout.publishedFile(client))) found.push(client);
    }
  }
  return found;
}

function isPublished(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    if (systemCode(error) === "ENOTDIR") return false;
    throw toVolumeError(error, "read", path);
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => mayHold(entry)).map((entry) => entry.name);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOTDIR") return []; // a link to a file
    throw toVolumeError(error, "read", folder);
  }
}

function mayHold(entry: Dirent): boolean {
  return (entry.isDirectory() || entry.isSymbolicLink()) && isFolderName(entry.name) && entry.name !== NO_DATACENTER;
}
