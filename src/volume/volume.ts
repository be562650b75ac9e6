import { accessSync, constants, statSync } from "node:fs";
import type { Clock, LockedTree, LockOutcome, Volume } from "../sync/ports.ts";
import { cleanUpAfterDeadWriters } from "./durable/dead-writer.ts";
import { ensureFolder } from "./durable/file-rights.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { CallQueue } from "./lock/call-queue.ts";
import { acquireWriterLock, type LockAttempt } from "./lock/writer-lock.ts";
import { openLockedTree } from "./locked-tree.ts";
import type { ClientIndex } from "./tree/client-index.ts";
import { StringPool } from "./tree/string-pool.ts";
import { toVolumeError, VolumeError } from "./volume-error.ts";

export interface VolumeOptions {
  /** BASE_DIR. It must exist: a missing mount must not become an empty tree. */
  readonly baseDir: string;
  /** BASE_DIR as the Director sees it (DIRECTOR_BASE_DIR). */
  readonly directorBaseDir: string;
  /** IANA zone of times without one in `#@` headers (TIMEZONE). */
  readonly timeZone: string;
  /** How long `withLock` waits for another process (LOCK_WAIT). */
  readonly lockWaitMs: number;
  /** Told once who holds the lock, whenever it is waited for. */
  readonly onLockWait?: ((holder: string) => void) | undefined;
  readonly clock: Clock;
  /** A new id for a volume that has none, such as `randomUUID`. */
  readonly newId: () => string;
}

/**
 * The volume at BASE_DIR. Calls of `withLock` of one process queue without a limit of time (abort the signal to leave);
 * the wait for another process is bounded. A VolumeError that `work` does not catch becomes `unusable`.
 */
export function createVolume(options: VolumeOptions): Volume {
  const layout = layoutOf(options.baseDir, options.directorBaseDir);
  const queue = new CallQueue();
  const indexes = new Map<string, ClientIndex>();
  const reading = { timeZone: options.timeZone, pool: new StringPool(), instance: options.newId() };

  async function lockAndWork<T>(work: (tree: LockedTree) => Promise<T>, signal: AbortSignal): Promise<LockOutcome<T>> {
    const newFileGid = await prepare(layout);
    const attempt: LockAttempt = await acquireWriterLock(
      {
        lockFile: layout.lockFile,
        gid: newFileGid,
        waitMs: options.lockWaitMs,
        clock: options.clock,
        onWait: options.onLockWait,
      },
      signal,
    );
    if (attempt.kind === "held") return attempt;
    try {
      await cleanUpAfterDeadWriters(layout, signal);
      const tree = openLockedTree({ layout, newFileGid, indexes, reading, lock: attempt.lock, ...options });
      return { kind: "done", value: await work(tree) };
    } finally {
      attempt.lock.release();
    }
  }

  return {
    withLock: (work, signal) =>
      queue.run(async () => {
        try {
          return await lockAndWork(work, signal);
        } catch (error) {
          if (error instanceof VolumeError) return { kind: "unusable", reason: error.code, detail: error.message };
          throw error;
        }
      }, signal),
  };
}

/** Checks BASE_DIR and makes our folder in it; answers the group that new files get. */
async function prepare(layout: Layout): Promise<number> {
  try {
    const base = statSync(layout.baseDir);
    if (!base.isDirectory()) throw new VolumeError("NotFound", `BASE_DIR ${layout.baseDir} is not a folder`);
    accessSync(layout.baseDir, constants.W_OK | constants.X_OK);
    await ensureFolder(layout.stateDir, layout.baseDir, base.gid);
    return base.gid;
  } catch (error) {
    throw toVolumeError(error, "write", layout.baseDir);
  }
}
