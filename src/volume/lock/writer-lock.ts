import { spawn } from "node:child_process";
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import type { Clock } from "../../sync/ports.ts";
import { toVolumeError, VolumeError } from "../volume-error.ts";

export interface WriterLock {
  /** Throws when somebody removed or replaced the lock file, so that a second writer may be at work. */
  assertHeld(): void;
  release(): void;
}

export type LockAttempt =
  | { readonly kind: "acquired"; readonly lock: WriterLock }
  | { readonly kind: "held"; readonly holder: string };

export interface LockOptions {
  readonly lockFile: string;
  readonly gid: number;
  readonly waitMs: number;
  readonly clock: Clock;
  /** Told once who holds the lock, when it is not to be had at once. */
  readonly onWait?: ((holder: string) => void) | undefined;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
const MAX_HOLDER_BYTES = 300;

/**
 * The one writer of BASE_DIR (spec section 3). Node has no flock, so a short-lived `flock` (util-linux or busybox) locks
 * the file that we have open and hand to it: a flock belongs to the open file, not to a process, so it stays with us
 * when that child ends, and the kernel lets it go when we die, however that happens. No other child inherits the file.
 *
 * Waits at most `waitMs` for another writer. Throws a VolumeError when the file or the program cannot be used.
 */
export async function acquireWriterLock(options: LockOptions, signal: AbortSignal): Promise<LockAttempt> {
  const deadline = performance.now() + options.waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const fd = openLockFile(options);
    try {
      if ((await tryFlock(fd, options.lockFile, signal)) && isStill(fd, options.lockFile)) {
        return { kind: "acquired", lock: hold(fd, options) };
      }
      closeSync(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return { kind: "held", holder: readHolder(options.lockFile) };
    if (pauseMs === FIRST_PAUSE_MS) options.onWait?.(readHolder(options.lockFile));
    await setTimeout(Math.min(pauseMs, leftMs), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function openLockFile({ lockFile, gid }: LockOptions): number {
  try {
    // Writable, because NFS makes an exclusive flock a write lock; 0660, because root's cron and the operator's user
    // share it by the group.
    const fd = openSync(lockFile, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o660);
    shareWithGroup(fd, gid);
    return fd;
  } catch (error) {
    throw toVolumeError(error, "write", lockFile);
  }
}

function shareWithGroup(fd: number, gid: number): void {
  const present = fstatSync(fd);
  if ((present.mode & 0o777) === 0o660 && present.gid === gid) return;
  try {
    fchownSync(fd, -1, gid);
    fchmodSync(fd, 0o660);
  } catch {
    // Another user's file, or a group we are not in: it is open, so it serves us as it is.
  }
}

/** True when the lock is ours, false when somebody else has it. */
function tryFlock(fd: number, lockFile: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", ["-n", "-x", "3"], {
      stdio: ["ignore", "ignore", "pipe", fd],
      signal,
      killSignal: "SIGKILL",
    });
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      if (complaint.length < MAX_HOLDER_BYTES) complaint += chunk.toString("latin1");
    });
    child.once("error", (cause) => {
      if (signal.aborted) return reject(signal.reason instanceof Error ? signal.reason : cause);
      reject(new VolumeError("NotWritable", "cannot run flock; install util-linux and put it on the PATH", { cause }));
    });
    child.once("close", (code) => {
      if (code === 0) return resolve(true);
      if (code === 1) return resolve(false);
      const words = printable(complaint) || "flock failed";
      reject(new VolumeError("NotWritable", `cannot lock ${lockFile}: ${words}; on NFS it needs NFSv4 locks`));
    });
  });
}

function hold(fd: number, { lockFile, clock }: LockOptions): WriterLock {
  const since = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  const holder = `pid ${process.pid} on ${hostname()} since ${since}\n`;
  try {
    ftruncateSync(fd);
    writeSync(fd, holder, 0);
  } catch {
    // A full disk: the words are for people only, and reading must still be possible.
  }
  let isReleased = false;
  return {
    assertHeld: () => {
      if (isReleased) throw new Error("the lock of the volume was used after its release");
      if (isStill(fd, lockFile)) return;
      throw new VolumeError(
        "WrongVolume",
        `${lockFile} was replaced while it was held; is another volume mounted there?`,
      );
    },
    release: () => {
      if (isReleased) return;
      isReleased = true;
      try {
        ftruncateSync(fd);
      } catch {
        // Words for people only; the lock itself goes with the file.
      }
      closeSync(fd);
    },
  };
}

/** The open file is the one that the path names: who waited on a file that was removed has locked nothing. */
function isStill(fd: number, lockFile: string): boolean {
  const named = statSync(lockFile, { throwIfNoEntry: false });
  const ours = fstatSync(fd);
  return named !== undefined && named.ino === ours.ino && named.dev === ours.dev;
}

function readHolder(lockFile: string): string {
  try {
    return (
      printable(readFileSync(lockFile, "latin1").slice(0, MAX_HOLDER_BYTES)) || "a writer that has not said its name"
    );
  } catch {
    return "an unknown writer";
  }
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, " ").trim();
}
