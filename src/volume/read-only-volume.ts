import { statSync } from "node:fs";
import type { LockedTree, Volume } from "../sync/ports.ts";
import { layoutOf } from "./layout.ts";
import { openLockedTree } from "./locked-tree.ts";
import type { ClientIndex } from "./tree/client-index.ts";
import { StringPool } from "./tree/string-pool.ts";
import type { VolumeOptions } from "./volume.ts";
import { toVolumeError, VolumeError } from "./volume-error.ts";

/**
 * The volume at BASE_DIR for those who only look: nothing is written, also no lock file, so it needs no right to write
 * and waits for nobody. Each file that is read is whole; a writer that is at work may be seen half way. A method that
 * writes throws.
 */
export function createReadOnlyVolume(options: Omit<VolumeOptions, "lockWaitMs">): Volume {
  const layout = layoutOf(options.baseDir, options.directorBaseDir);
  const reading = { timeZone: options.timeZone, pool: new StringPool(), instance: options.newId() };
  const indexes = new Map<string, ClientIndex>();
  const lock = { assertHeld: () => {}, release: () => {} };
  const tree: LockedTree = {
    ...openLockedTree({ layout, newFileGid: -1, indexes, reading, lock, clock: options.clock, newId: options.newId }),
    write: refuse,
    swapPublished: refuse,
    repairInclude: refuse,
    writeState: refuse,
    adoptVolume: refuse,
  };
  return {
    async withLock(work, signal) {
      signal.throwIfAborted();
      try {
        requireFolder(layout.baseDir);
        return { kind: "done", value: await work(tree) };
      } catch (error) {
        if (error instanceof VolumeError) return { kind: "unusable", reason: error.code, detail: error.message };
        throw error;
      }
    },
  };
}

async function refuse(): Promise<never> {
  throw new Error("a pass that only looks wrote to the volume");
}

function requireFolder(baseDir: string): void {
  try {
    if (!statSync(baseDir).isDirectory()) throw new VolumeError("NotFound", `BASE_DIR ${baseDir} is not a folder`);
  } catch (error) {
    throw toVolumeError(error, "read", baseDir);
  }
}
