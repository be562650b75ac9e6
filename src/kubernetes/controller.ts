import { isKubeError, KubeApiError } from "./http/api-error.ts";
import type { Logger } from "./logger.ts";
import { DeadlineExceeded, withDeadline } from "./time/deadline.ts";
import type { Timing } from "./time/timing.ts";
import type { Taken, WorkQueue } from "./work-queue.ts";

/** How a reconcile went well. Trouble is thrown. */
export type Result = { readonly kind: "done" } | { readonly kind: "requeue"; readonly afterMs: number };

export interface ReconcileContext {
  /** Aborts at the time limit, and when the program must stop at once. */
  readonly signal: AbortSignal;
  /** Has the controller, the key and the reconcileId in every line. */
  readonly log: Logger;
  readonly reconcileId: string;
}

/** Brings one object to what it should be. Reads what is, not what happened: the key is all that it is told. */
export interface Reconciler {
  reconcile(key: string, context: ReconcileContext): Promise<Result>;
}

/** Thrown when trying again is of no use until the object changes. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export type ReconcileOutcome = "done" | "requeue" | "error" | "terminal-error" | "aborted";

export interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconciler: Reconciler;
  readonly workers: number;
  /** After this the signal aborts. Work that goes on all the same is waited for, and `isHealthy` turns false. */
  readonly reconcileLimitMs: number;
  readonly timing: Timing;
  readonly log: Logger;
  /** Called for every reconcile that ended; must not throw. */
  readonly onReconcile?: ((outcome: ReconcileOutcome, durationMs: number) => void) | undefined;
}

/** How long work may go on after its signal aborted before the program counts as stuck. */
const stuckAfterMs = 60_000;

/**
 * Works through a queue with a number of workers, with the rules of controller-runtime:
 *  - done: the key is forgotten until something adds it again,
 *  - requeue: the same, and it is added after the given time,
 *  - an error: it is added after its own growing pause, or after the server's Retry-After if that is longer,
 *  - a `TerminalError`: it is not added again.
 * A failed key goes back to the lane it came from.
 */
export class Controller {
  readonly #options: ControllerOptions;
  #reconciles = 0;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get queue(): WorkQueue {
    return this.#options.queue;
  }

  /** False while a reconcile goes on long after its time limit: a worker is lost, and restarting is the only cure. */
  isHealthy(): boolean {
    return this.#options.queue.longestProcessingMs < this.#options.reconcileLimitMs + stuckAfterMs;
  }

  /**
   * Runs until the queue is closed and the last reconcile has ended, or until the signal aborts: then running
   * reconciles are aborted and waited for. Resolves in both cases.
   */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.workers }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    while (!signal.aborted) {
      // Rejects only by the signal.
      const taken = await queue.take(signal).catch(() => undefined);
      if (taken === undefined) return;
      try {
        await this.#reconcile(taken, signal);
      } finally {
        queue.done(taken.key);
      }
    }
  }

  async #reconcile(taken: Taken, signal: AbortSignal): Promise<void> {
    const { name, queue, reconciler, reconcileLimitMs, timing, onReconcile } = this.#options;
    this.#reconciles += 1;
    const reconcileId = `${name}-${this.#reconciles}`;
    const log = this.#options.log.child({ controller: name, key: taken.key, reconcileId });
    const startMs = timing.monotonicNow();
    let outcome: ReconcileOutcome;
    try {
      const limit = { what: "the reconcile", limitMs: reconcileLimitMs };
      const result = await withDeadline(timing, limit, signal, (own) =>
        reconciler.reconcile(taken.key, { signal: own, log, reconcileId }),
      );
      outcome = result.kind;
      queue.forget(taken.key);
      if (result.kind === "requeue") queue.addAfter(taken.key, result.afterMs, taken.lane);
    } catch (error) {
      outcome = this.#fail(taken, error, signal, log);
    }
    onReconcile?.(outcome, timing.monotonicNow() - startMs);
  }

  #fail({ key, lane }: Taken, error: unknown, signal: AbortSignal, log: Logger): ReconcileOutcome {
    const { queue } = this.#options;
    if (signal.aborted) return "aborted";
    if (error instanceof TerminalError) {
      queue.forget(key);
      log.error({ err: error, code: error.code }, "reconcile failed for good");
      return "terminal-error";
    }
    queue.addAfterFailure(key, lane, error instanceof KubeApiError ? (error.retryAfterMs ?? 0) : 0);
    const fields = { err: error, code: codeOf(error), failures: queue.failuresOf(key) };
    // Someone else wrote at the same moment: the next try sees it, and nobody need read about it.
    if (isKubeError(error, "Conflict")) log.debug(fields, "reconcile met a conflict");
    else log.warn(fields, "reconcile failed");
    return "error";
  }
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof DeadlineExceeded) return error.code;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
