interface Entry {
  readonly key: string;
  atMs: number;
  /** Where it stands in the heap. */
  position: number;
}

/** Keys with a time each, the earliest first. A key is in it once: of two times the earlier one counts. */
export class DelayHeap {
  readonly #heap: Entry[] = [];
  readonly #byKey = new Map<string, Entry>();

  get size(): number {
    return this.#heap.length;
  }

  /** When the first key is due; `undefined` when there is none. */
  get firstAtMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Adds the key; of one that is there only an earlier time counts. */
  add(key: string, atMs: number): void {
    const present = this.#byKey.get(key);
    if (present === undefined) {
      const entry = { key, atMs, position: this.#heap.length };
      this.#byKey.set(key, entry);
      this.#heap.push(entry);
      this.#rise(entry);
    } else if (atMs < present.atMs) {
      present.atMs = atMs;
      this.#rise(present);
    }
  }

  /** Takes the first key if it is due at `nowMs`. */
  takeDue(nowMs: number): string | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.#byKey.delete(first.key);
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) {
      this.#place(last, 0);
      this.#sink(last);
    }
    return first.key;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#byKey.clear();
  }

  #rise(entry: Entry): void {
    for (;;) {
      const parentAt = (entry.position - 1) >> 1;
      const parent = this.#heap[parentAt];
      if (entry.position === 0 || parent === undefined || parent.atMs <= entry.atMs) return;
      this.#place(parent, entry.position);
      this.#place(entry, parentAt);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.position + 1];
      const right = this.#heap[2 * entry.position + 2];
      const child = right !== undefined && left !== undefined && right.atMs < left.atMs ? right : left;
      if (child === undefined || child.atMs >= entry.atMs) return;
      const childAt = child.position;
      this.#place(child, entry.position);
      this.#place(entry, childAt);
    }
  }

  #place(entry: Entry, position: number): void {
    this.#heap[position] = entry;
    entry.position = position;
  }
}
