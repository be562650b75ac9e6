import type { RawIdentity } from "./raw-object.ts";
import { compareVersions } from "./resource-version.ts";

/** What a reflector keeps of the objects of one resource. */
export interface ReadonlyStore<T, Index extends string = never> {
  readonly size: number;
  get(key: string): T | undefined;
  has(key: string): boolean;
  keys(): IterableIterator<string>;
  values(): IterableIterator<T>;
  resourceVersion(key: string): string | undefined;
  /** Keys of the objects that the index files under `value`. A live view: copy it before waiting for anything. */
  index(name: Index, value: string): ReadonlySet<string>;
}

/** The values under which an object is found; the same object must always give the same ones. */
export type Indexes<T, Index extends string> = Readonly<Record<Index, (object: T) => readonly string[]>>;

export type StoreChange<T> =
  | { readonly type: "added"; readonly key: string; readonly object: T; readonly old: undefined }
  | { readonly type: "updated"; readonly key: string; readonly object: T; readonly old: T }
  /** `object` is the last that was known of it. */
  | { readonly type: "deleted"; readonly key: string; readonly object: T; readonly old: T };

interface Held<T> {
  readonly object: T;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The list that showed it last. */
  round: number;
}

const nothing: ReadonlySet<string> = new Set();
/** Compares with no other version. */
const noVersion = "";
const noRound = 0;

/** Objects by key, never replaced by an older state of themselves. Each change is returned, to be told on. */
export class ObjectStore<T, Index extends string = never> implements ReadonlyStore<T, Index> {
  readonly #held = new Map<string, Held<T>>();
  readonly #indexes: ReadonlyMap<
    string,
    { readonly valuesOf: (object: T) => readonly string[]; readonly keys: Map<string, Set<string>> }
  >;
  #round = noRound + 1;

  constructor(indexes: Indexes<T, Index>) {
    this.#indexes = new Map(
      Object.entries<(object: T) => readonly string[]>(indexes).map(([name, valuesOf]) => [
        name,
        { valuesOf, keys: new Map() },
      ]),
    );
  }

  get size(): number {
    return this.#held.size;
  }

  get(key: string): T | undefined {
    return this.#held.get(key)?.object;
  }

  has(key: string): boolean {
    return this.#held.has(key);
  }

  keys(): IterableIterator<string> {
    return this.#held.keys();
  }

  *values(): IterableIterator<T> {
    for (const held of this.#held.values()) yield held.object;
  }

  resourceVersion(key: string): string | undefined {
    return this.#held.get(key)?.resourceVersion;
  }

  index(name: Index, value: string): ReadonlySet<string> {
    return this.#indexes.get(name)?.keys.get(value) ?? nothing;
  }

  /** Whether this state of this very object, or a newer one, is held: `put` would change nothing. */
  knows({ key, uid, resourceVersion }: RawIdentity): boolean {
    const held = this.#held.get(key);
    if (held === undefined || held.uid !== uid) return false;
    const order = compareVersions(resourceVersion, held.resourceVersion);
    return order === 0 || order === -1;
  }

  /** Takes a state of an object, unless an equal or newer one is held. A new uid is a new object under an old name. */
  put(identity: RawIdentity, object: T): readonly StoreChange<T>[] {
    const changes = this.#put(identity, object);
    this.touch(identity.key);
    return changes;
  }

  /** Takes a state that was not shown by the list or the watch, so that it does not count as shown. */
  putUnshown(identity: RawIdentity, object: T): void {
    this.#put(identity, object);
  }

  /** Takes the end of an object, unless a newer state of that name is held. */
  remove({ key, resourceVersion }: RawIdentity): readonly StoreChange<T>[] {
    const held = this.#held.get(key);
    if (held === undefined || compareVersions(held.resourceVersion, resourceVersion) === 1) return [];
    return this.#drop(key, held);
  }

  /** The object is there, whatever it looks like: the running list must not count it as gone. */
  touch(key: string): void {
    const held = this.#held.get(key);
    if (held !== undefined) held.round = this.#round;
  }

  /** A list begins: what it does not show until `sweep` is gone. */
  beginList(): void {
    this.#round += 1;
  }

  /**
   * The list is complete at `resourceVersion`: removes, one by one as the caller iterates, what it did not show. What
   * is newer than the list was written meanwhile and stays; the watch will come to it.
   */
  *sweep(resourceVersion: string): Generator<StoreChange<T>> {
    for (const [key, held] of this.#held) {
      if (held.round === this.#round || compareVersions(held.resourceVersion, resourceVersion) === 1) continue;
      yield* this.#drop(key, held);
    }
  }

  /** The cluster went back in time (etcd restored from a backup): any state that comes now replaces what is held. */
  forgetVersions(): void {
    for (const [key, held] of this.#held) this.#held.set(key, { ...held, resourceVersion: noVersion });
  }

  #put({ key, uid, resourceVersion }: RawIdentity, object: T): readonly StoreChange<T>[] {
    const held = this.#held.get(key);
    if (held !== undefined) {
      const order = compareVersions(resourceVersion, held.resourceVersion);
      if (order === 0 || order === -1) return [];
      this.#unindex(key, held.object);
    }
    this.#held.set(key, { object, uid, resourceVersion, round: held?.round ?? noRound });
    this.#intoIndexes(key, object);
    if (held === undefined) return [{ type: "added", key, object, old: undefined }];
    if (held.uid === uid) return [{ type: "updated", key, object, old: held.object }];
    return [
      { type: "deleted", key, object: held.object, old: held.object },
      { type: "added", key, object, old: undefined },
    ];
  }

  #drop(key: string, held: Held<T>): readonly StoreChange<T>[] {
    this.#held.delete(key);
    this.#unindex(key, held.object);
    return [{ type: "deleted", key, object: held.object, old: held.object }];
  }

  #intoIndexes(key: string, object: T): void {
    for (const { valuesOf, keys } of this.#indexes.values()) {
      for (const value of valuesOf(object)) {
        const present = keys.get(value);
        if (present === undefined) keys.set(value, new Set([key]));
        else present.add(key);
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const { valuesOf, keys } of this.#indexes.values()) {
      for (const value of valuesOf(object)) {
        const present = keys.get(value);
        present?.delete(key);
        if (present?.size === 0) keys.delete(value);
      }
    }
  }
}
