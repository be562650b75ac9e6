/** A queue without doubles from whose middle an item can be taken; each operation takes constant time. */
export class FifoSet<T> {
  readonly #items = new Set<T>();
  // One iterator for the life of the queue: a new one would walk over all that was removed from the front.
  #front: Iterator<T, undefined> = this.#items.values();

  get size(): number {
    return this.#items.size;
  }

  /** Appends the item; one that is there keeps its place. */
  push(item: T): void {
    this.#items.add(item);
  }

  delete(item: T): boolean {
    return this.#items.delete(item);
  }

  /** Takes the oldest item; `undefined` when empty. */
  shift(): T | undefined {
    if (this.#items.size === 0) return undefined;
    let step = this.#front.next();
    if (step.done === true) {
      // It had once come to the end, and an iterator stays at the end for good.
      this.#front = this.#items.values();
      step = this.#front.next();
    }
    if (step.done === true) return undefined;
    this.#items.delete(step.value);
    return step.value;
  }

  clear(): void {
    this.#items.clear();
    this.#front = this.#items.values();
  }
}
