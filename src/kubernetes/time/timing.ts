/** Time and chance, passed in so that tests decide both. */
export interface Timing {
  /** Milliseconds since the epoch, UTC. For what others read (renewTime, events), never to measure. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back when someone sets the clock. For all durations. */
  monotonicNow(): number;
  /** Calls `work` once after `delayMs` (0 or more, any size); the answer cancels it and may be called at any time. */
  schedule(delayMs: number, work: () => void): CancelTimer;
  /** From 0 up to but not including 1. */
  random(): number;
}

export type CancelTimer = () => void;

/** setTimeout fires at once when asked for more than this. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The machine's own clock and timers. */
export const systemTiming: Timing = {
  now: () => Date.now(),
  monotonicNow: () => performance.now(),
  random: () => Math.random(),
  schedule: (delayMs, work) => {
    let timer: NodeJS.Timeout;
    const arm = (restMs: number): void => {
      const stepMs = Math.min(restMs, longestTimeoutMs);
      timer = setTimeout(() => (restMs > stepMs ? arm(restMs - stepMs) : work()), stepMs);
    };
    arm(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
