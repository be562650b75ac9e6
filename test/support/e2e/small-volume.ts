import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runFolder } from "../../../hack/testbed/cache-folders.ts";

/** Gives BASE_DIR a file system of its own, which can be made read-only and filled. Needs root, as the beds do. */
export function mountSmallVolume(baseDir: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=755", "none", baseDir]);
  writeFileSync(join(baseDir, "include.conf"), "");
}

/** Also when a process still has a file open there. */
export function unmountSmallVolume(baseDir: string): void {
  execFileSync("umount", ["--lazy", baseDir]);
}

/** What a run of that bed left that was killed: its folder could not be removed while something is mounted in it. */
export function unmountLeftover(bed: string): void {
  try {
    execFileSync("umount", ["--lazy", join(runFolder(bed, "bacula"), "base")], { stdio: "ignore" });
  } catch {
    // As usual, nothing is mounted there.
  }
}
