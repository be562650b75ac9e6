import { Intake, type ReflectorEvent } from "./cache/intake.ts";
import { listPages } from "./cache/list-pages.ts";
import { type Indexes, ObjectStore, type ReadonlyStore } from "./cache/object-store.ts";
import { compareVersions } from "./cache/resource-version.ts";
import { guardAgainstStall, WatchStalled } from "./cache/stall-guard.ts";
import { parseWatchEvent, type WatchEvent } from "./cache/watch-event.ts";
import { isKubeError, KubeApiError } from "./http/api-error.ts";
import type { ApiTransport, Query } from "./http/api-transport.ts";
import { collectionPath, type Resource } from "./http/resource.ts";
import type { Logger } from "./logger.ts";
import { BackOff, watchBackOff } from "./time/back-off.ts";
import { Pace } from "./time/pace.ts";
import { sleep } from "./time/sleep.ts";
import type { Timing } from "./time/timing.ts";
import { untilAborted } from "./time/until-aborted.ts";

export type { ReflectorEvent } from "./cache/intake.ts";
export type { ReadonlyStore } from "./cache/object-store.ts";

/** Counters; each is called at once and must not throw. */
export interface ReflectorMetrics {
  /** A complete list was taken in. */
  onList?(how: "stream" | "pages", durationMs: number): void;
  /** A watch ended: `Closed` by the server as agreed, `WatchStalled`, or the code of an error. */
  onWatchEnd?(reason: string): void;
  /** An object could not be read and was passed over. */
  onSkip?(): void;
}

export interface ReflectorOptions<T, Index extends string> {
  readonly transport: ApiTransport;
  readonly resource: Resource;
  /** Only this namespace; all when left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** What to keep of an object; `undefined` when it is of no interest. Copies what it needs, deletes nothing. */
  readonly project: (raw: unknown) => T | undefined;
  readonly indexes: Indexes<T, Index>;
  /** Called at once, in order, and not waited for: it only enqueues. */
  readonly onEvent: (event: ReflectorEvent<T>) => void;
  readonly timing: Timing;
  readonly log: Logger;
  readonly metrics?: ReflectorMetrics | undefined;
  /** How long the server may say nothing; a healthy one sends a bookmark about every minute. Default 3 min. */
  readonly silenceMs?: number | undefined;
  /** False pages from the start, as against a server without streaming lists. Default true. */
  readonly mayStream?: boolean | undefined;
}

/** A watch that the server ends this soon, without a word, was none. */
const shortestWatchMs = 1_000;
/** So often in a row the same unreadable line may come before we list anew. */
const mostUnreadable = 3;
/** The server no longer has our position, or does not accept it. */
const losesPosition = ["Expired", "BadRequest", "Invalid", "NotFound", "MethodNotAllowed"] as const;

/**
 * Keeps a store in step with one resource of the API server, for as long as `run` runs.
 *
 * It either knows its *position* (the version up to which it has seen everything) or does not:
 *  - without a position it lists: streamed in one watch where the server can (from 1.34 on), else in pages of 500;
 *    what a complete list did not show is told as deleted;
 *  - with a position it watches from there. A closed, broken, stalled or refused watch is opened again at the
 *    position, so nothing is missed and nothing is listed again;
 *  - the position is lost when the server no longer has it (410 after a compaction) or refuses it.
 * Between tries after trouble it waits 0.8 to 30 s. Nothing that comes over the line ends it.
 */
export class Reflector<T, Index extends string = never> {
  readonly #options: ReflectorOptions<T, Index>;
  readonly #store: ObjectStore<T, Index>;
  readonly #intake: Intake<T, Index>;
  readonly #backOff: BackOff;
  readonly #pace: Pace;
  readonly #path: string;
  readonly #selection: Query;
  readonly #synced = Promise.withResolvers<void>();
  /** From where the next watch begins. */
  #position: string | undefined;
  /** The last position there was, also after it was lost. */
  #seenUpTo: string | undefined;
  #canStream: boolean;
  #unreadable = 0;
  #hasSynced = false;
  #lastContactMs: number;

  constructor(options: ReflectorOptions<T, Index>) {
    this.#options = options;
    this.#store = new ObjectStore(options.indexes);
    this.#intake = new Intake(this.#store, { ...options, onSkip: () => options.metrics?.onSkip?.() });
    this.#backOff = new BackOff(watchBackOff, options.timing);
    this.#pace = new Pace(options.timing);
    this.#path = collectionPath(options.resource, options.namespace);
    this.#selection = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
    this.#canStream = options.mayStream ?? true;
    this.#lastContactMs = options.timing.monotonicNow();
  }

  get store(): ReadonlyStore<T, Index> {
    return this.#store;
  }

  /** Whether a first list was complete; stays true. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** How long ago the server last said something, in ms: what is in the store may be as old as that. */
  get silentForMs(): number {
    return this.#options.timing.monotonicNow() - this.#lastContactMs;
  }

  /** Resolves when a first list is complete; rejects with the signal's reason. */
  waitForSync(signal: AbortSignal): Promise<void> {
    return untilAborted(this.#synced.promise, signal);
  }

  /**
   * Puts the server's answer to a write of our own into the store at once, untold, unless a state as new is there.
   * When the watch comes to that write it is passed over, so most of our own writes cause no event; a watch that was
   * faster than the answer has told of it already. Answers what is kept of the object, if anything.
   */
  observe(answer: unknown): T | undefined {
    return this.#intake.observe(answer, this.#seenUpTo);
  }

  /** Lists and watches until the signal aborts, then resolves. To be called once. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#position === undefined && !this.#canStream) await this.#listInPages(signal);
        else await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #listInPages(signal: AbortSignal): Promise<void> {
    const startMs = this.#options.timing.monotonicNow();
    const collection = { path: this.#path, query: this.#selection };
    for await (const step of listPages(this.#options.transport, collection, signal)) {
      this.#lastContactMs = this.#options.timing.monotonicNow();
      if (step.kind === "begin") {
        this.#store.beginList();
        if (this.#wentBackTo(step.resourceVersion)) this.#store.forgetVersions();
      } else if (step.kind === "items") {
        for (const raw of step.items) {
          this.#intake.present(raw);
          if (this.#pace.isDue) await this.#pace.rest();
        }
      } else {
        await this.#completeList("pages", step.resourceVersion, startMs);
      }
    }
  }

  /** One watch, from the position or, without one, beginning with all objects. Resolves when the server closes it. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { timing, transport, silenceMs = 180_000, metrics } = this.#options;
    const startMs = timing.monotonicNow();
    const isList = this.#position === undefined;
    if (isList) this.#store.beginList();
    await guardAgainstStall(timing, silenceMs, signal, async (own, touch) => {
      const batches = await transport.stream({ path: this.#path, query: this.#watchQuery(), signal: own });
      for await (const lines of batches) {
        this.#lastContactMs = timing.monotonicNow();
        for (const line of lines) {
          // Waiting where there is nothing to wait for would cost a turn for each of 100,000 objects.
          const ending = this.#take(parseWatchEvent(line, `WATCH ${this.#path}`, timing.now()), startMs);
          if (ending !== undefined) await ending;
          if (this.#pace.isDue) await this.#pace.rest();
        }
        own.throwIfAborted();
        touch();
      }
    });
    if (this.#position === undefined) throw this.#broken("ConnectionLost", "closed within its first list");
    if (timing.monotonicNow() - startMs < shortestWatchMs) throw this.#broken("ConnectionLost", "closed at once");
    metrics?.onWatchEnd?.("Closed");
  }

  /** Answers a promise only for the end of a first list. */
  #take(event: WatchEvent, startMs: number): Promise<void> | undefined {
    switch (event.kind) {
      case "present":
        this.#passed(this.#intake.present(event.raw));
        return undefined;
      case "deleted":
        this.#passed(this.#intake.deleted(event.raw));
        return undefined;
      case "bookmark":
        if (this.#position !== undefined) this.#passed(event.resourceVersion);
        else if (event.endsInitial) return this.#completeList("stream", event.resourceVersion, startMs);
        return undefined;
      case "failed":
        throw event.error;
      default:
        return event satisfies never;
    }
  }

  /** Within a first list versions come in no order, and there is no position to move yet. */
  #passed(resourceVersion: string | undefined): void {
    this.#unreadable = 0;
    if (this.#position !== undefined && resourceVersion !== undefined) this.#moveTo(resourceVersion);
  }

  async #completeList(how: "stream" | "pages", resourceVersion: string, startMs: number): Promise<void> {
    if (how === "stream" && this.#wentBackTo(resourceVersion)) {
      this.#store.forgetVersions();
      this.#seenUpTo = undefined;
      throw this.#broken("Expired", "the cluster is at an earlier version than before");
    }
    for (const change of this.#store.sweep(resourceVersion)) {
      this.#intake.gone(change);
      if (this.#pace.isDue) await this.#pace.rest();
    }
    this.#moveTo(resourceVersion);
    this.#unreadable = 0;
    this.#intake.isInitial = false;
    this.#hasSynced = true;
    this.#synced.resolve();
    const durationMs = this.#options.timing.monotonicNow() - startMs;
    this.#options.metrics?.onList?.(how, durationMs);
    this.#options.log.debug({ path: this.#path, how, objects: this.#store.size, durationMs }, "listed");
  }

  #moveTo(resourceVersion: string): void {
    this.#position = resourceVersion;
    this.#seenUpTo = resourceVersion;
  }

  /** A list is never older than what was seen before, unless etcd was restored from a backup. */
  #wentBackTo(resourceVersion: string): boolean {
    return this.#seenUpTo !== undefined && compareVersions(resourceVersion, this.#seenUpTo) === -1;
  }

  #watchQuery(): Query {
    // Spread over five minutes, so that watches opened together do not all come back together.
    const timeoutSeconds = Math.round(300 + this.#options.timing.random() * 300);
    const common = { ...this.#selection, watch: true, allowWatchBookmarks: true, timeoutSeconds };
    return this.#position === undefined
      ? { ...common, sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" }
      : { ...common, resourceVersion: this.#position };
  }

  /** Decides after trouble from where to go on, and waits. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { log, metrics, timing } = this.#options;
    const code = error instanceof KubeApiError || error instanceof WatchStalled ? error.code : "Failed";
    metrics?.onWatchEnd?.(code);
    if (error instanceof WatchStalled) {
      log.info({ path: this.#path }, "a watch was silent for too long and is opened again");
      return;
    }
    if (this.#position === undefined && this.#canStream && isKubeError(error, "BadRequest", "Invalid")) {
      this.#canStream = false;
      log.info({ path: this.#path }, "the API server cannot stream lists, paging instead");
      return;
    }
    if (isKubeError(error, "UnexpectedAnswer")) this.#unreadable += 1;
    if (isKubeError(error, ...losesPosition) || this.#unreadable >= mostUnreadable) {
      this.#position = undefined;
      this.#unreadable = 0;
    }
    const delayMs = this.#backOff.nextDelayMs(error instanceof KubeApiError ? error.retryAfterMs : undefined);
    const next = this.#position === undefined ? "list" : "watch";
    const fields = { path: this.#path, code, next, delayMs: Math.round(delayMs) };
    // Asked to wait, as after a CRD was installed and its storage is not ready yet: nothing is wrong.
    if (isKubeError(error, "TooManyRequests")) log.info(fields, "a watch is to wait");
    else log.warn({ ...fields, err: error }, "a watch broke off");
    // Rejects only by the signal, which ends the loop.
    await sleep(timing, delayMs, signal).catch(() => {});
  }

  #broken(code: "ConnectionLost" | "Expired", detail: string): KubeApiError {
    return new KubeApiError({ code, httpStatus: 0, message: `WATCH ${this.#path}: ${detail}` });
  }
}
