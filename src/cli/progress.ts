import process from "node:process";

export interface Progress {
  /** One more client is done. */
  step(): void;
  /** Takes the line away, so that others can be printed. */
  clear(): void;
  end(): void;
}

const EVERY_MS = 500;
const CLEAR_LINE = "\r\u001b[2K";

/** One line on a terminal that says how far a run is; nothing where standard error is none. */
export function showProgress(total: number, nowMs: () => number): Progress {
  if (process.stderr.isTTY !== true) return { step: () => undefined, clear: () => undefined, end: () => undefined };
  const startMs = nowMs();
  let done = 0;
  const clear = () => process.stderr.write(CLEAR_LINE);
  const show = () =>
    process.stderr.write(`${CLEAR_LINE}${done} of ${total} clients done, ${Math.round((nowMs() - startMs) / 1000)} s`);
  const timer = setInterval(show, EVERY_MS);
  return {
    step: () => {
      done++;
    },
    clear,
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}
