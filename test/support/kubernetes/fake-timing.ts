import { setImmediate } from "node:timers/promises";
import type { Timing } from "../../../src/kubernetes/time/timing.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly work: () => void;
}

/** A clock that stands until `advance` moves it; timers fire in order, each followed by what it set free. */
export class FakeTiming implements Timing {
  readonly #timers = new Set<Timer>();
  readonly #random: () => number;
  #nowMs = 0;
  #order = 0;
  readonly epochMs = Date.UTC(2026, 0, 2, 3, 4, 5);

  constructor(random: () => number = () => 0.5) {
    this.#random = random;
  }

  now(): number {
    return this.epochMs + this.#nowMs;
  }

  monotonicNow(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#random();
  }

  schedule(delayMs: number, work: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves the clock and fires what is due, giving promises time to settle before and after each timer. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const next = [...this.#timers]
        .filter((timer) => timer.atMs <= endMs)
        .toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers.delete(next);
      next.work();
    }
    this.#nowMs = endMs;
    await settle();
  }

  /** Jumps without firing anything, as a blocked event loop does. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Lets settled promises run their continuations. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}
