import type { Stats } from "node:fs";

/** The files of one folder as the disk shows them; both absent where the folder could not be looked into. */
export interface FileStates {
  readonly job: Stats | undefined;
  readonly fileSet: Stats | undefined;
}

/**
 * `sure`: as long as the numbers are the same, so is the content. `fresh`: written so shortly before it was read that a
 * later write may have left the same numbers. `unread`: could not be read, and may be readable another time.
 */
export type Trust = "sure" | "fresh" | "unread";

const NUMBERS_PER_FILE = 3;
const NUMBERS_PER_FOLDER = 2 * NUMBERS_PER_FILE;
const TRUSTS: readonly Trust[] = ["unread", "fresh", "sure"];

/** Two writes within one tick of a file system's clock (some ms; NFS and FAT up to 2 s) have the same change time. */
const FRESH_MS = 2000;

/**
 * Size, change time and inode of the files of one client's folders, in one block of numbers: 49 bytes a VM, so that
 * 100,000 of them are nothing. The change time (ctime) serves rather than the modification time, because no program
 * can set it back.
 */
export class FolderSignatures {
  readonly #numbers: Float64Array;
  readonly #trusts: Uint8Array;

  constructor(folders: number) {
    this.#numbers = new Float64Array(folders * NUMBERS_PER_FOLDER);
    this.#trusts = new Uint8Array(folders);
  }

  record(slot: number, { job, fileSet }: FileStates, trust: Trust): void {
    const at = slot * NUMBERS_PER_FOLDER;
    this.#put(at, job);
    this.#put(at + NUMBERS_PER_FILE, fileSet);
    this.#trusts[slot] = TRUSTS.indexOf(trust);
  }

  isSame(slot: number, { job, fileSet }: FileStates): boolean {
    const at = slot * NUMBERS_PER_FOLDER;
    return this.#equals(at, job) && this.#equals(at + NUMBERS_PER_FILE, fileSet);
  }

  trustOf(slot: number): Trust {
    return TRUSTS[this.#trusts[slot] ?? 0] ?? "unread";
  }

  #put(at: number, file: Stats | undefined): void {
    this.#numbers[at] = file?.ctimeMs ?? 0;
    this.#numbers[at + 1] = file?.size ?? 0;
    this.#numbers[at + 2] = file?.ino ?? 0;
  }

  #equals(at: number, file: Stats | undefined): boolean {
    return (
      this.#numbers[at] === (file?.ctimeMs ?? 0) &&
      this.#numbers[at + 1] === (file?.size ?? 0) &&
      this.#numbers[at + 2] === (file?.ino ?? 0)
    );
  }
}

/** How far files that were read at `readAtMs` may be trusted not to change behind their numbers. */
export function trustAfterReading({ job, fileSet }: FileStates, readAtMs: number): Trust {
  const newest = Math.max(job?.ctimeMs ?? 0, fileSet?.ctimeMs ?? 0);
  return newest > readAtMs - FRESH_MS ? "fresh" : "sure";
}
