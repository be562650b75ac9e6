import { closeSync, constants, fstatSync, openSync, rmSync, writeFileSync } from "node:fs";
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
export function writeTemporary(target: string, bytes: Uint8Array, rights: FileRights): TemporaryFile {
  count += 1;
  const path = join(dirname(target), `.${basename(target)}.${process.pid}.${count}.tmp`);
  const file: TemporaryFile = { path, target, replaces: rights.replaces };
  const fd = createExclusively(path);
  try {
    writeFileSync(fd, bytes);
    applyRights(fd, rights, fstatSync(fd));
  } catch (error) {
    closeQuietly(fd);
    removeTemporary(file);
    throw error;
  }
  try {
    closeSync(fd); // NFS reports a full disk here
  } catch (error) {
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

function createExclusively(path: string): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    rmSync(path);
    return openSync(path, flags, 0o600);
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The write's own error says more.
  }
}
