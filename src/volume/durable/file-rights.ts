import { constants, lstatSync, type Stats, statSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { systemCode, VolumeError } from "../volume-error.ts";

/** Mode, owner and group that a file gets: those of the file it replaces, or those of a new one (spec section 3). */
export interface FileRights {
  /** False: a new file. */
  readonly replaces: boolean;
  readonly mode: number;
  /** `undefined`: the process's own. */
  readonly uid: number | undefined;
  readonly gid: number;
}

const NEW_FILE_MODE = 0o640;

/**
 * The rights for a file that is about to be written at `target`. A symbolic link and anything that is not a plain
 * file is refused: whoever can place one in the tree must not steer where we write.
 */
export function rightsFor(target: string, newFileGid: number): FileRights {
  const present = lstatSync(target, { throwIfNoEntry: false });
  if (present === undefined) return { replaces: false, mode: NEW_FILE_MODE, uid: undefined, gid: newFileGid };
  refuseUnlessFile(present, target);
  return { replaces: true, mode: present.mode & 0o7777, uid: present.uid, gid: present.gid };
}

/**
 * Gives an open file or folder its rights, where it has not got them already. Owner before mode, because a change of
 * owner clears bits of the mode.
 */
export async function applyRights(file: FileHandle, rights: FileRights): Promise<void> {
  const present = await file.stat();
  const uid = rights.uid ?? present.uid;
  if (uid !== present.uid) {
    // Only root may give a file away. A rename then makes it ours, with its group and mode: the one part of "owner
    // stays" that an ordinary user cannot keep without giving up that a crash leaves the old or the new file.
    await toleratingNotPermitted(file.chown(uid, -1));
  }
  if (rights.gid !== present.gid) {
    // Not a member of that group: whoever could read the old file by it was not us, so nothing opens up by this.
    await toleratingNotPermitted(file.chown(-1, rights.gid));
  }
  const isOwnerNew = uid !== present.uid || rights.gid !== present.gid;
  if (isOwnerNew || (present.mode & 0o7777) !== rights.mode) await file.chmod(rights.mode);
}

/**
 * Makes one folder with the mode of its parent and the given group (BASE_DIR's), if it is not there; true when it was
 * made. Refuses a symbolic link.
 */
export async function ensureFolder(path: string, parent: string, gid: number): Promise<boolean> {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present !== undefined) {
    refuseUnlessFolder(present, path);
    return false;
  }
  const mode = statSync(parent).mode & 0o2777;
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    refuseUnlessFolder(lstatSync(path), path);
    return false;
  }
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await applyRights(folder, { replaces: false, mode, uid: undefined, gid });
  } finally {
    await folder.close();
  }
  return true;
}

export function refuseUnlessFolder(present: Stats, path: string): void {
  if (present.isDirectory()) return;
  if (present.isSymbolicLink())
    throw new VolumeError("SymlinkRefused", `${path} is a symbolic link; put a folder there`);
  throw new VolumeError("NotWritable", `${path} is not a folder; move it away`);
}

function refuseUnlessFile(present: Stats, path: string): void {
  if (present.isFile()) return;
  if (present.isSymbolicLink()) {
    throw new VolumeError("SymlinkRefused", `${path} is a symbolic link; put the real file there`);
  }
  throw new VolumeError("NotWritable", `${path} is not a plain file; move it away`);
}

async function toleratingNotPermitted(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (systemCode(error) !== "EPERM") throw error;
  }
}
