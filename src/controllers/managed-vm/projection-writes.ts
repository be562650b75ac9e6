import PQueue from "p-queue";

export interface Projection {
  readonly written: number;
  readonly failed: number;
  readonly firstError?: unknown;
}

/** Writes of one client side by side, counted: one that fails does not stop the others, an abort stops all. */
export class ProjectionWrites {
  readonly #queue: PQueue;
  readonly #concurrency: number;
  readonly #signal: AbortSignal;
  #written = 0;
  #failed = 0;
  #firstError: unknown;

  constructor(concurrency: number, signal: AbortSignal) {
    this.#queue = new PQueue({ concurrency });
    this.#concurrency = concurrency;
    this.#signal = signal;
  }

  /** `work` answers how many writes it made. Resolves as soon as few enough wait. */
  async add(work: () => Promise<number>): Promise<void> {
    void this.#queue.add(() => this.#count(work));
    await this.#queue.onSizeLessThan(this.#concurrency * 4);
  }

  /** When all have ended. Rejects on abort. */
  async end(): Promise<Projection> {
    await this.#queue.onIdle();
    this.#signal.throwIfAborted();
    return { written: this.#written, failed: this.#failed, firstError: this.#firstError };
  }

  async #count(work: () => Promise<number>): Promise<void> {
    if (this.#signal.aborted) return;
    try {
      const writes = await work();
      this.#written += writes;
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#failed += 1;
      this.#firstError ??= error;
    }
  }
}
