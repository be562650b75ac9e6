import { unlink } from "node:fs/promises";
import { systemCode } from "./volume-error.ts";

/** True when there was a file to remove; a folder or a link to one is none. */
export async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
