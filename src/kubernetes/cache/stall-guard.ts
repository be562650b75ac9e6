import type { CancelTimer, Timing } from "../time/timing.ts";

/** The server said nothing for longer than a healthy one would: the connection may be dead without knowing it. */
export class WatchStalled extends Error {
  override readonly name = "WatchStalled";
  readonly code = "WatchStalled";
}

/**
 * Runs `work` with a signal that aborts with the parent, or as `WatchStalled` when `touch` was not called for
 * `silenceMs`. One timer for the whole life, however often the line speaks.
 */
export async function guardAgainstStall<T>(
  timing: Timing,
  silenceMs: number,
  parent: AbortSignal,
  work: (signal: AbortSignal, touch: () => void) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const own = new AbortController();
  const onParentAbort = (): void => own.abort(parent.reason);
  parent.addEventListener("abort", onParentAbort, { once: true });
  let lastMs = timing.monotonicNow();
  let cancel: CancelTimer = () => {};
  const arm = (waitMs: number): void => {
    cancel = timing.schedule(waitMs, () => {
      const restMs = lastMs + silenceMs - timing.monotonicNow();
      if (restMs > 0) arm(restMs);
      else own.abort(new WatchStalled(`nothing came for ${silenceMs} ms`));
    });
  };
  arm(silenceMs);
  try {
    return await work(own.signal, () => {
      lastMs = timing.monotonicNow();
    });
  } finally {
    cancel();
    parent.removeEventListener("abort", onParentAbort);
    // Whatever way the work ended, its connection ends too.
    own.abort(new Error("the watch has ended"));
  }
}
