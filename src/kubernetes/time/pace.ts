import { setImmediate } from "node:timers/promises";
import type { Timing } from "./timing.ts";

/**
 * Keeps long work from blocking the event loop: `rest()` gives the loop a turn once `sliceMs` were used up, and costs
 * next to nothing before. The lease must be renewed also while 100,000 objects are being read.
 */
export class Pace {
  readonly #timing: Timing;
  readonly #sliceMs: number;
  #sliceEndMs: number;

  constructor(timing: Timing, sliceMs = 8) {
    this.#timing = timing;
    this.#sliceMs = sliceMs;
    this.#sliceEndMs = timing.monotonicNow() + sliceMs;
  }

  get isDue(): boolean {
    return this.#timing.monotonicNow() >= this.#sliceEndMs;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#sliceEndMs = this.#timing.monotonicNow() + this.#sliceMs;
  }
}
