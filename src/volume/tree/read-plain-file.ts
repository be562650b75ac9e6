import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { decodeLossless } from "../lossless-text.ts";
import { systemCode, toVolumeError } from "../volume-error.ts";

/**
 * The text of a small file, decoded losslessly; `undefined` when there is none. A symbolic link is refused. Synchronous,
 * since at 100,000 files anything else takes 5 to 30 times as long: callers work in time slices.
 */
export function readPlainFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw toVolumeError(error, "read", path);
  }
  try {
    return decodeLossless(readFileSync(fd));
  } catch (error) {
    throw toVolumeError(error, "read", path);
  } finally {
    closeSync(fd);
  }
}
