import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { toVolumeError, VolumeError } from "../volume-error.ts";
import { copyAttributes, filesWithAccessList } from "./access-lists.ts";
import { rightsFor } from "./file-rights.ts";
import { sideBySide } from "./side-by-side.ts";
import { syncFileSystem, syncPath } from "./sync-to-disk.ts";
import { removeTemporary, type TemporaryFile, writeTemporary } from "./temporary-file.ts";

/** Files that are renamed one after the other, in this order; when one fails, those after it are not touched. */
export interface ReplaceUnit {
  readonly files: readonly Replacement[];
  /** Folders besides those of the files whose entries must be on disk, such as the parent of a new folder. */
  readonly foldersToSync?: readonly string[];
}

export interface Replacement {
  readonly target: string;
  readonly bytes: Buffer;
  /**
   * Asked right before the rename: the bytes that belong there, made from what is on disk at this moment. When they
   * differ from `bytes`, a person was faster, and the answer is written instead. May throw a VolumeError.
   */
  readonly bytesNow?: () => Buffer;
}

export interface ReplaceOptions {
  /** A folder on the file system of all targets. */
  readonly syncRoot: string;
  readonly newFileGid: number;
  readonly signal: AbortSignal;
}

interface Staged {
  readonly unit: ReplaceUnit;
  temporaries: TemporaryFile[];
}

/** From so many files on, one sync of the file system is cheaper than an fsync each. */
const BATCH_SYNC_FROM = 16;
const MAX_RETRIES = 3;

/**
 * Replaces files such that after a crash at any byte each is the old or the new one: temporary files, one sync,
 * renames, sync of the folders. Answers the units that failed; the others are durable. An abort before the first
 * rename leaves everything as it was and rejects; after it the batch is completed.
 */
export async function replaceFiles(
  units: readonly ReplaceUnit[],
  options: ReplaceOptions,
): Promise<ReadonlyMap<ReplaceUnit, VolumeError>> {
  const failed = new Map<ReplaceUnit, VolumeError>();
  const staged: Staged[] = [];
  try {
    await stageAll(units, staged, failed, options);
    await keepAccessLists(staged, failed);
    await syncContents(staged, failed, options);
    options.signal.throwIfAborted();
  } catch (error) {
    for (const one of staged) one.temporaries.forEach(removeTemporary);
    throw error;
  }
  const touched = await renameAll(staged, failed, options);
  await syncFolders(touched, options);
  return failed;
}

async function stageAll(
  units: readonly ReplaceUnit[],
  staged: Staged[],
  failed: Map<ReplaceUnit, VolumeError>,
  options: ReplaceOptions,
): Promise<void> {
  await sideBySide(units, async (unit) => {
    options.signal.throwIfAborted();
    const one: Staged = { unit, temporaries: [] };
    staged.push(one);
    for (const file of unit.files) {
      try {
        const rights = rightsFor(file.target, options.newFileGid);
        one.temporaries.push(await writeTemporary(file.target, file.bytes, rights));
      } catch (error) {
        giveUp(one, toVolumeError(error, "write", file.target), failed);
        break;
      }
    }
  });
}

async function keepAccessLists(staged: readonly Staged[], failed: Map<ReplaceUnit, VolumeError>): Promise<void> {
  const present = staged.flatMap((one) => one.temporaries.filter((file) => file.replaces).map((file) => file.target));
  if (present.length === 0) return;
  const withList = await filesWithAccessList(present).catch(() => new Set<string>());
  if (withList.size === 0) return;
  for (const one of staged) {
    for (const file of one.temporaries.filter(({ target }) => withList.has(target))) {
      try {
        await copyAttributes(file.target, file.path);
      } catch (error) {
        giveUp(one, toVolumeError(error, "write", file.target), failed);
        break;
      }
    }
  }
}

async function syncContents(
  staged: readonly Staged[],
  failed: Map<ReplaceUnit, VolumeError>,
  options: ReplaceOptions,
): Promise<void> {
  const count = staged.reduce((sum, one) => sum + one.temporaries.length, 0);
  if (count >= BATCH_SYNC_FROM && (await syncFileSystem(options.syncRoot, options.signal))) return;
  await sideBySide(staged, async (one) => {
    for (const file of one.temporaries) {
      options.signal.throwIfAborted();
      try {
        await syncPath(file.path);
      } catch (error) {
        giveUp(one, toVolumeError(error, "write", file.target), failed);
        break;
      }
    }
  });
}

/**
 * Answers the folders in which something changed. It knows no signal: half a batch helps nobody, so from the first
 * rename on it is completed.
 */
async function renameAll(
  staged: readonly Staged[],
  failed: Map<ReplaceUnit, VolumeError>,
  options: ReplaceOptions,
): Promise<ReadonlySet<string>> {
  const touched = new Set<string>();
  const good = staged.filter((one) => !failed.has(one.unit));
  await sideBySide(good, async (one) => {
    for (const [n, file] of one.unit.files.entries()) {
      try {
        await renameOne(one, n, file, options);
      } catch (error) {
        giveUp(one, toVolumeError(error, "write", file.target), failed);
        break;
      }
      touched.add(dirname(file.target));
    }
    for (const folder of one.unit.foldersToSync ?? []) touched.add(folder);
  });
  return touched;
}

async function renameOne(one: Staged, n: number, file: Replacement, options: ReplaceOptions): Promise<void> {
  let written = file.bytes;
  for (let attempt = 0; attempt <= MAX_RETRIES; attempt++) {
    const rights = rightsFor(file.target, options.newFileGid); // refuses a link that appeared meanwhile
    const wanted = file.bytesNow?.() ?? written;
    const temporary = one.temporaries[n];
    if (temporary === undefined) throw new VolumeError("NotWritable", `${file.target} was not staged`);
    if (wanted.equals(written)) {
      await rename(temporary.path, file.target);
      return;
    }
    removeTemporary(temporary);
    const again = await writeTemporary(file.target, wanted, rights);
    one.temporaries[n] = again;
    if ((await filesWithAccessList([file.target])).size > 0) await copyAttributes(file.target, again.path);
    await syncPath(again.path);
    written = wanted;
  }
  throw new VolumeError(
    "NotWritable",
    `${file.target} changes faster than it can be edited; another program writes it`,
  );
}

async function syncFolders(touched: ReadonlySet<string>, options: ReplaceOptions): Promise<void> {
  const toTheEnd = new AbortController().signal;
  if (touched.size >= BATCH_SYNC_FROM && (await syncFileSystem(options.syncRoot, toTheEnd))) return;
  await sideBySide([...touched], async (folder) => {
    try {
      await syncPath(folder);
    } catch (error) {
      throw toVolumeError(error, "write", folder);
    }
  });
}

function giveUp(one: Staged, error: VolumeError, failed: Map<ReplaceUnit, VolumeError>): void {
  one.temporaries.forEach(removeTemporary);
  one.temporaries = [];
  failed.set(one.unit, error);
}
