import { BoundedMap } from "../cache/bounded-map.ts";

/** client-go's limits: an object may cause 25 events at once, and one more each five minutes. */
const burst = 25;
const refillMs = 300_000;
const mostObjects = 4_096;

/** A token bucket per object, so that one that flaps does not fill etcd with events. */
export class SpamFilter {
  readonly #buckets = new BoundedMap<string, { readonly tokens: number; readonly atMs: number }>(mostObjects);

  /** Whether one more event about the object may be sent; counts it if so. `nowMs` is monotonic. */
  admits(uid: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(uid) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs);
    const isAdmitted = tokens >= 1;
    this.#buckets.set(uid, { tokens: isAdmitted ? tokens - 1 : tokens, atMs: nowMs });
    return isAdmitted;
  }
}
