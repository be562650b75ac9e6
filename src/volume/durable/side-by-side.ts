/** Node's thread pool has 4 threads; some more calls keep it busy without a queue that grows. */
const LANES = 12;

/**
 * Does the work for each item, several at a time. File calls that change a disk can each wait for its journal, seconds
 * on a slow one: off the event loop they may. Rejects with the first error, when the work under way has ended.
 */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
