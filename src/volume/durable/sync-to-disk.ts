import { spawn } from "node:child_process";
import { open } from "node:fs/promises";

/** fsync of one file or folder, off the event loop (one can take seconds on a network volume). */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Flushes the whole file system that holds `folder` by coreutils' `sync -f`: for thousands of files one call of it is
 * several times faster than an fsync each. False: there is no such program, or it failed, so the caller syncs each
 * file itself and meets the error there; also false, at once, when the signal aborts.
 */
export function syncFileSystem(folder: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("sync", ["-f", folder], { stdio: "ignore", signal, killSignal: "SIGKILL" });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
