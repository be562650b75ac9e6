import { randomUUID } from "node:crypto";
import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { BaseDirFacts } from "../domain/preflight/judge-base-dir.ts";
import { toVolumeError, VolumeError } from "./volume-error.ts";

/**
 * Whether this process may work in BASE_DIR, proved by a file that is made and removed again: a right alone says nothing
 * of a read-only mount, a full disk or a server that takes root for nobody. Never rejects for what the system refuses.
 */
export async function inspectBaseDir(baseDir: string): Promise<BaseDirFacts> {
  try {
    const base = await stat(baseDir);
    if (!base.isDirectory()) throw new VolumeError("NotFound", `BASE_DIR ${baseDir} is not a folder`);
    await writeAndRemove(join(baseDir, `.bacula-openstack-sync-preflight-${randomUUID()}`));
    const { bavail, bsize, ffree, files } = await statfs(baseDir);
    return {
      kind: "writable",
      baseDir,
      othersMayWrite: (base.mode & 0o002) !== 0,
      freeBytes: bavail * bsize,
      freeFiles: files === 0 ? undefined : ffree,
      isOnHold: await isThere(join(baseDir, "HOLD")),
    };
  } catch (error) {
    return { kind: "unusable", detail: toVolumeError(error, "write", baseDir).message };
  }
}

/** With a byte in it, since an empty file needs no block. */
async function writeAndRemove(path: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.write("\n");
    await file.sync();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** False also where the folder may not be entered. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
