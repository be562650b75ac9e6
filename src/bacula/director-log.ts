import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** The first error is what counts, and stands soon behind the reload. */
const MAX_BYTES = 64 * 1024;

/** The Director answers the console before it writes its log; seen on a busy machine, with the log still empty. */
const WAIT_MS = 2_000;
const LOOK_AGAIN_MS = 50;

/** A place in the file that the Director appends its Daemon messages to (DIRECTOR_LOG). */
export interface LogMark {
  /**
   * What was appended since, or all of a file that was begun anew; empty where nothing can be read. As long as that is
   * not `enough` it is read again, for 2 s at most.
   */
  appended(enough: (text: string) => boolean): Promise<string>;
}

/** Remembers where the log ends now. Never throws: a log that cannot be read only tells nothing. */
export async function markLog(path: string): Promise<LogMark> {
  const before = await readFrom(path, () => undefined);
  const readNew = async (): Promise<string> => {
    const now = await readFrom(path, ({ inode, size }) => {
      const isSame = before !== undefined && before.inode === inode && before.size <= size;
      return isSame ? before.size : 0;
    });
    return now?.text ?? "";
  };
  return {
    async appended(enough) {
      const deadline = performance.now() + WAIT_MS;
      let text = await readNew();
      while (!enough(text) && performance.now() < deadline) {
        await sleep(LOOK_AGAIN_MS);
        text = await readNew();
      }
      return text;
    },
  };
}

interface LogState {
  readonly inode: number;
  readonly size: number;
}

/** The file's state, with its text from an offset on; undefined: there is no plain file that we may read. */
async function readFrom(path: string, offsetIn: (state: LogState) => number | undefined) {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return undefined;
      const state = { inode: stats.ino, size: stats.size };
      const from = offsetIn(state);
      if (from === undefined) return { ...state, text: "" };
      const bytes = Buffer.alloc(Math.min(MAX_BYTES, stats.size - from));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      return { ...state, text: bytes.toString("utf8", 0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
