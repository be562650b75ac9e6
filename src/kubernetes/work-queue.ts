import { DelayHeap } from "./queue/delay-heap.ts";
import { FifoSet } from "./queue/fifo-set.ts";
import type { CancelTimer, Timing } from "./time/timing.ts";

/** `live` goes first: what just happened must not wait behind 100,000 objects of a first list. */
export type Lane = "live" | "background";

export interface Taken {
  readonly key: string;
  /** The lane it came from, to put it back there when its work failed. */
  readonly lane: Lane;
}

/** Counters; each is called at once and must not throw. */
export interface WorkQueueMetrics {
  onAdd?(lane: Lane): void;
  onRetry?(): void;
  onTake?(queuedMs: number): void;
  onDone?(workedMs: number): void;
}

export interface WorkQueueOptions {
  readonly timing: Timing;
  /** The longest pause between two tries of a key that keeps failing. Default 1000 s as in client-go. */
  readonly maxBackOffMs?: number | undefined;
  readonly metrics?: WorkQueueMetrics | undefined;
}

export type DrainOutcome =
  | { readonly kind: "drained" }
  | { readonly kind: "timed-out"; readonly keys: readonly string[] };

const firstBackOffMs = 5;
/** Due keys that one timer moves before it gives the event loop a turn. */
const mostMovesAtOnce = 5_000;

interface Waiter {
  readonly give: (taken: Taken | undefined) => void;
}

/**
 * Keys that need work, with the semantics of client-go's workqueue. A key is
 *  - *dirty* from `add` until it is taken: adding it again changes nothing, but a `live` one promotes it,
 *  - *processing* from being taken until `done`: it is not given out meanwhile; added meanwhile, it is queued by `done`,
 *  - *delayed* from `addAfter` until its time, when it is added; the earliest of several times wins.
 * So one key is never worked on twice at once, and an event during the work is never lost. Within a lane the oldest
 * goes first. A key may be delayed and dirty at once: the delayed visit still happens.
 */
export class WorkQueue {
  readonly #timing: Timing;
  readonly #maxBackOffMs: number;
  readonly #metrics: WorkQueueMetrics;
  readonly #lanes = { live: new FifoSet<string>(), background: new FifoSet<string>() };
  readonly #dirty = new Map<string, { readonly lane: Lane; readonly sinceMs: number }>();
  readonly #processing = new Map<string, number>();
  readonly #delayed = { live: new DelayHeap(), background: new DelayHeap() };
  readonly #failures = new Map<string, number>();
  readonly #waiters = new FifoSet<Waiter>();
  readonly #drainWaiters = new Set<() => void>();
  #timer: { readonly atMs: number; readonly cancel: CancelTimer } | undefined;
  #isClosed = false;

  constructor(options: WorkQueueOptions) {
    this.#timing = options.timing;
    this.#maxBackOffMs = options.maxBackOffMs ?? 1_000_000;
    this.#metrics = options.metrics ?? {};
  }

  /** Keys that wait to be taken now; delayed ones are not counted. */
  get depth(): number {
    return this.#lanes.live.size + this.#lanes.background.size;
  }

  get delayed(): number {
    return this.#delayed.live.size + this.#delayed.background.size;
  }

  get processing(): number {
    return this.#processing.size;
  }

  /** How long the oldest work that is still going on has taken, in ms; 0 when there is none. */
  get longestProcessingMs(): number {
    // Insertion order is the order of taking.
    for (const startMs of this.#processing.values()) return this.#timing.monotonicNow() - startMs;
    return 0;
  }

  add(key: string, lane: Lane = "live"): void {
    if (this.#isClosed) return;
    const present = this.#dirty.get(key);
    if (present !== undefined) {
      if (lane === "live" && present.lane === "background") this.#promote(key, present.sinceMs);
      return;
    }
    this.#metrics.onAdd?.(lane);
    this.#dirty.set(key, { lane, sinceMs: this.#timing.monotonicNow() });
    if (!this.#processing.has(key)) this.#enqueue(key, lane);
  }

  /** Adds the key after `delayMs`; at once for 0 or less. */
  addAfter(key: string, delayMs: number, lane: Lane = "live"): void {
    if (this.#isClosed) return;
    if (!(delayMs > 0)) {
      this.add(key, lane);
      return;
    }
    this.#delayed[lane].add(key, this.#timing.monotonicNow() + delayMs);
    this.#armTimer();
  }

  /** Adds a key whose work failed after a pause that doubles each time, but after `atLeastMs` at the earliest. */
  addAfterFailure(key: string, lane: Lane = "live", atLeastMs = 0): void {
    if (this.#isClosed) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics.onRetry?.();
    const boundMs = Math.min(this.#maxBackOffMs, firstBackOffMs * 2 ** Math.min(failures, 60));
    this.addAfter(key, Math.max(atLeastMs, boundMs * (0.5 + this.#timing.random() / 2)), lane);
  }

  /** The key's work went well: its next failure is its first again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, which the caller must give back by `done`; `undefined` once the queue is closed. */
  take(signal: AbortSignal): Promise<Taken | undefined> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      if (this.#isClosed) {
        resolve(undefined);
        return;
      }
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        give: (taken) => {
          signal.removeEventListener("abort", onAbort);
          resolve(taken);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  /** The work on the key has ended, however it ended. */
  done(key: string): void {
    const startMs = this.#processing.get(key);
    if (startMs === undefined) return;
    this.#processing.delete(key);
    this.#metrics.onDone?.(this.#timing.monotonicNow() - startMs);
    const dirty = this.#dirty.get(key);
    if (dirty !== undefined) this.#enqueue(key, dirty.lane);
    if (this.#processing.size === 0) for (const wake of this.#drainWaiters) wake();
  }

  /** Takes no more keys and drops queued and delayed ones: the next start derives them again from its first list. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#dirty.clear();
    this.#failures.clear();
    for (const lane of [this.#lanes.live, this.#lanes.background]) lane.clear();
    for (const heap of [this.#delayed.live, this.#delayed.background]) heap.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift())
      waiter.give(undefined);
  }

  /** Waits until no work is going on, at most `limitMs`. Meant for after `close`. */
  whenDrained(limitMs: number): Promise<DrainOutcome> {
    if (this.#processing.size === 0) return Promise.resolve({ kind: "drained" });
    return new Promise((resolve) => {
      const settle = (outcome: DrainOutcome): void => {
        cancel();
        this.#drainWaiters.delete(onDrained);
        resolve(outcome);
      };
      const onDrained = (): void => settle({ kind: "drained" });
      const onTimeout = (): void => settle({ kind: "timed-out", keys: [...this.#processing.keys()] });
      const cancel = this.#timing.schedule(limitMs, onTimeout);
      this.#drainWaiters.add(onDrained);
    });
  }

  #promote(key: string, sinceMs: number): void {
    this.#dirty.set(key, { lane: "live", sinceMs });
    if (this.#lanes.background.delete(key)) this.#lanes.live.push(key);
  }

  #enqueue(key: string, lane: Lane): void {
    this.#lanes[lane].push(key);
    this.#serve();
  }

  #serve(): void {
    while (this.#waiters.size > 0 && this.depth > 0) {
      const lane: Lane = this.#lanes.live.size > 0 ? "live" : "background";
      const key = this.#lanes[lane].shift();
      const waiter = this.#waiters.shift();
      if (key === undefined || waiter === undefined) return;
      const nowMs = this.#timing.monotonicNow();
      this.#metrics.onTake?.(nowMs - (this.#dirty.get(key)?.sinceMs ?? nowMs));
      this.#dirty.delete(key);
      this.#processing.set(key, nowMs);
      waiter.give({ key, lane });
    }
  }

  #armTimer(): void {
    const atMs = Math.min(this.#delayed.live.firstAtMs ?? Infinity, this.#delayed.background.firstAtMs ?? Infinity);
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (atMs === Infinity) return;
    const cancel = this.#timing.schedule(atMs - this.#timing.monotonicNow(), () => this.#moveDue());
    this.#timer = { atMs, cancel };
  }

  #moveDue(): void {
    this.#timer = undefined;
    const nowMs = this.#timing.monotonicNow();
    let moves = 0;
    for (const lane of ["live", "background"] as const) {
      for (; moves < mostMovesAtOnce; moves++) {
        const key = this.#delayed[lane].takeDue(nowMs);
        if (key === undefined) break;
        this.add(key, lane);
      }
    }
    this.#armTimer();
  }
}
