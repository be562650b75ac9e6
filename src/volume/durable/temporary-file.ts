import { constants, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../volume-error.ts";
import { applyRights, type FileRights } from "./file-rights.ts";

/** A written file that waits for its rename; not yet on the disk until it is synced. */
export interface TemporaryFile {
  readonly path: string;
  readonly target: string;
  /** A file is there already, whose ACL is to be kept. */
  readonly replaces: boolean;
}

const PATTERN = /^\.(?:job|fileset|job\.rejected|published\.conf|include\.conf|[^/]+\.json)\.\d+\.\d+\.tmp$/;

let count = 0;

/** True for names that only a writer of ours gives: outside the pattern `job`/`fileset` of the `find` include. */
export function isTemporaryName(name: string): boolean {
  return PATTERN.test(name);
}

/**
 * Writes bytes beside `target` under a temporary name, with the rights that the target shall have. Only the holder of
 * the lock may call this: a file already there is a dead writer's (in a container every writer has the same pid).
 */
export async function writeTemporary(target: string, bytes: Uint8Array, rights: FileRights): Promise<TemporaryFile> {
  count += 1;
  const path = join(dirname(target), `.${basename(target)}.${process.pid}.${count}.tmp`);
  const file: TemporaryFile = { path, target, replaces: rights.replaces };
  const handle = await createExclusively(path, rights.mode & 0o666);
  try {
    await handle.writeFile(bytes);
    await applyRights(handle, rights);
    await handle.close(); // NFS reports a full disk here
  } catch (error) {
    await handle.close().catch(() => {}); // the first error says more
    removeTemporary(file);
    throw error;
  }
  return file;
}

/** Never throws: a temporary that stays is removed by the next writer. */
export function removeTemporary(file: TemporaryFile): void {
  try {
    rmSync(file.path, { force: true });
  } catch {
    // Read-only by now, or the folder is gone; the error that brought us here is the one to report.
  }
}

async function createExclusively(path: string, mode: number): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    return await open(path, flags, mode);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    rmSync(path);
    return open(path, flags, mode);
  }
}
