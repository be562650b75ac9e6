import type { Logger } from "../logger.ts";
import type { ObjectStore, StoreChange } from "./object-store.ts";
import { identityOf } from "./raw-object.ts";
import { compareVersions } from "./resource-version.ts";

/** `initial` marks what the first list showed, for the background lane of a queue. */
export type ReflectorEvent<T> = StoreChange<T> & { readonly initial: boolean };

export interface IntakeOptions<T> {
  /** What to keep of an object; `undefined` when it is of no interest. Copies what it needs and deletes nothing. */
  readonly project: (raw: unknown) => T | undefined;
  /** Called at once and in order; only enqueues. */
  readonly onEvent: (event: ReflectorEvent<T>) => void;
  readonly log: Logger;
  readonly onSkip?: (() => void) | undefined;
}

/** Takes raw objects into the store and tells of each change. Nothing that an object holds makes it throw. */
export class Intake<T, Index extends string> {
  readonly #store: ObjectStore<T, Index>;
  readonly #options: IntakeOptions<T>;
  isInitial = true;

  constructor(store: ObjectStore<T, Index>, options: IntakeOptions<T>) {
    this.#store = store;
    this.#options = options;
  }

  /** An object as the server sent it; answers its resource version, as far as it has one. */
  present(raw: unknown): string | undefined {
    const identity = identityOf(raw);
    if (identity === undefined) {
      this.#skip("an object has no name or version", undefined, undefined);
      return undefined;
    }
    // Most of what a watch brings after a burst of our own writes is known from their answers: it is not read twice.
    if (this.#store.knows(identity)) {
      this.#store.touch(identity.key);
      return identity.resourceVersion;
    }
    try {
      const object = this.#options.project(raw);
      this.#tell(object === undefined ? this.#store.remove(identity) : this.#store.put(identity, object));
    } catch (error) {
      this.#store.touch(identity.key);
      this.#skip("an object could not be read", identity.key, error);
    }
    return identity.resourceVersion;
  }

  deleted(raw: unknown): string | undefined {
    const identity = identityOf(raw);
    if (identity === undefined) {
      this.#skip("an object has no name or version", undefined, undefined);
      return undefined;
    }
    this.#tell(this.#store.remove(identity));
    return identity.resourceVersion;
  }

  /** One object that a complete list did not show. */
  gone(change: StoreChange<T>): void {
    this.#tell([change]);
  }

  /**
   * The answer to a write of our own goes into the store at once and untold, so that the next look does not see the
   * state of before. Not when the watch was already beyond it (`seenUpTo`): then it is known, or deleted again. Answers
   * what is kept of the object; `undefined` when it is of no interest or could not be read.
   */
  observe(raw: unknown, seenUpTo: string | undefined): T | undefined {
    const identity = identityOf(raw);
    if (identity === undefined) return undefined;
    try {
      const object = this.#options.project(raw);
      const isNews = seenUpTo === undefined || compareVersions(identity.resourceVersion, seenUpTo) === 1;
      if (isNews && object === undefined) this.#store.remove(identity);
      if (isNews && object !== undefined) this.#store.putUnshown(identity, object);
      return object;
    } catch (error) {
      this.#skip("an object could not be read", identity.key, error);
      return undefined;
    }
  }

  #tell(changes: readonly StoreChange<T>[]): void {
    for (const change of changes) {
      try {
        this.#options.onEvent({ ...change, initial: this.isInitial });
      } catch (error) {
        this.#options.log.error({ err: error, key: change.key }, "a listener failed on a change");
      }
    }
  }

  #skip(why: string, key: string | undefined, error: unknown): void {
    this.#options.onSkip?.();
    this.#options.log.warn({ key, why, err: error }, "an object was skipped");
  }
}
