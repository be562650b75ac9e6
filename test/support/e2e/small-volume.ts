import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runFolder } from "../../../hack/testbed/cache-folders.ts";

/** Gives BASE_DIR a file system of its own, which can be made read-only and filled. Needs root, as the beds do. */
export function mountSmallVolume(baseDir: string, size: "2m" | "64m" = "2m"): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=755`, "none", baseDir]);
  writeFileSync(join(baseDir, "include.conf"), "");
}

/** Also when a process still has a file open there. */
export function unmountSmallVolume(baseDir: string): void {
  execFileSync("umount", ["--lazy", baseDir]);
}

/** Where {@link prepareReadOnly} mounts a volume a second time. */
const readOnlyViewOf = (baseDir: string): string => `${baseDir}-read-only`;

/**
 * Mounts the volume a second time, without the right to write. Put in the place of BASE_DIR it makes the volume read-only
 * at once; a remount is refused while anybody has a file open, and a writer always has its lock.
 */
export function prepareReadOnly(baseDir: string): void {
  const view = readOnlyViewOf(baseDir);
  mkdirSync(view);
  execFileSync("mount", ["--bind", baseDir, view]);
  execFileSync("mount", ["-o", "remount,bind,ro", view]);
}

/** The volume is read-only from now on, until {@link turnWritable}. Files that are open stay writable. */
export function turnReadOnly(baseDir: string): void {
  execFileSync("mount", ["--bind", readOnlyViewOf(baseDir), baseDir]);
}

export function turnWritable(baseDir: string): void {
  execFileSync("umount", ["--lazy", baseDir]);
}

export function forgetReadOnly(baseDir: string): void {
  execFileSync("umount", ["--lazy", readOnlyViewOf(baseDir)]);
}

/** What a run of that bed left that was killed: its folder could not be removed while something is mounted in it. */
export function unmountLeftover(bed: string): void {
  const baseDir = join(runFolder(bed, "bacula"), "base");
  // What is read-only at the moment of the kill lies on top of the volume.
  for (const path of [readOnlyViewOf(baseDir), baseDir, baseDir]) {
    try {
      execFileSync("umount", ["--lazy", path], { stdio: "ignore" });
    } catch {
      // As usual, nothing is mounted there.
    }
  }
}
