import { setImmediate } from "node:timers/promises";

/**
 * Bulk work with synchronous file calls (5 to 30 times faster than `fs/promises` at 100,000 files), cut into slices so
 * that other work of the process (a lease, a probe) never waits long.
 */
export interface TimeSlice {
  /** True when the present slice has lasted long enough: `await pause(signal)` then. */
  isUsedUp(): boolean;
  /** Lets other work run. Rejects when the signal is aborted. */
  pause(signal: AbortSignal): Promise<void>;
}

/** `maxMs` stays well under 50 ms, since one call on a slow disk can outlast the slice. */
export function startTimeSlice(maxMs = 10): TimeSlice {
  let startedAt = performance.now();
  return {
    isUsedUp: () => performance.now() - startedAt >= maxMs,
    pause: async (signal) => {
      signal.throwIfAborted();
      await setImmediate();
      signal.throwIfAborted();
      startedAt = performance.now();
    },
  };
}
