import type { Timing } from "./timing.ts";

export interface BackOffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Trouble that comes after this much quiet is new trouble and starts from the base again. */
  readonly resetAfterMs: number;
}

/** client-go's reflector: 0.8 s to 30 s, forgotten after two minutes of health. */
export const watchBackOff: BackOffLimits = { baseMs: 800, maxMs: 30_000, resetAfterMs: 120_000 };

/**
 * Delays that double up to a limit. Each is drawn from the base to the present bound, so that a fleet of processes
 * that lost one API server does not come back in step.
 */
export class BackOff {
  readonly #limits: BackOffLimits;
  readonly #timing: Timing;
  #attempts = 0;
  #lastEndMs = Number.NEGATIVE_INFINITY;

  constructor(limits: BackOffLimits, timing: Timing) {
    this.#limits = limits;
    this.#timing = timing;
  }

  /** The delay in ms before the next attempt; `atLeastMs` is what the other side asked for (Retry-After). */
  nextDelayMs(atLeastMs = 0): number {
    const { baseMs, maxMs, resetAfterMs } = this.#limits;
    const nowMs = this.#timing.monotonicNow();
    if (nowMs - this.#lastEndMs > resetAfterMs) this.#attempts = 0;
    this.#attempts += 1;
    const bound = Math.min(maxMs, baseMs * 2 ** Math.min(this.#attempts, 50));
    const delayMs = Math.max(atLeastMs, baseMs + this.#timing.random() * (bound - baseMs));
    this.#lastEndMs = nowMs + delayMs;
    return delayMs;
  }
}
