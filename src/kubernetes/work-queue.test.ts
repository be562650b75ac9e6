import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../test/support/kubernetes/fake-timing.ts";
import { type Lane, type Taken, WorkQueue } from "./work-queue.ts";

const forever = new AbortController().signal;

/** What can be taken right now, in order; each is given back at once. */
async function takeAll(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) {
    const taken = await queue.take(forever);
    if (taken === undefined) break;
    keys.push(taken.key);
    queue.done(taken.key);
  }
  return keys;
}

describe("dirty and processing", () => {
  it("holds a key that is added several times once", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    for (const key of ["a", "b", "a", "a"]) queue.add(key);
    expect(await takeAll(queue)).toEqual(["a", "b"]);
  });

  it("does not give out a key that is being worked on, and gives it again after done", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    queue.add("a");
    await queue.take(forever);
    queue.add("a");
    queue.add("a");
    expect(queue.depth).toBe(0);
    queue.done("a");
    expect(await takeAll(queue)).toEqual(["a"]);
  });

  it("hands a key to a worker that waits already", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    const taken = queue.take(forever);
    queue.add("a", "background");
    expect(await taken).toEqual({ key: "a", lane: "background" });
  });

  it("loses no key to a worker that gave up waiting", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    const worker = new AbortController();
    const taken = queue.take(worker.signal);
    worker.abort(new Error("stopped"));
    await expect(taken).rejects.toThrow("stopped");
    queue.add("a");
    expect(await takeAll(queue)).toEqual(["a"]);
    await expect(queue.take(worker.signal)).rejects.toThrow("stopped");
  });
});

describe("lanes", () => {
  it("serves live keys first, each lane in its order", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    queue.add("old1", "background");
    queue.add("old2", "background");
    queue.add("new1");
    queue.add("new2");
    expect(await takeAll(queue)).toEqual(["new1", "new2", "old1", "old2"]);
  });

  it("promotes a background key to the end of the live lane, and never demotes", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    queue.add("a", "background");
    queue.add("b", "background");
    queue.add("c");
    queue.add("b");
    queue.add("c", "background");
    expect(await takeAll(queue)).toEqual(["c", "b", "a"]);
  });

  it("promotes a key that became dirty while it was worked on", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    queue.add("a");
    await queue.take(forever);
    queue.add("a", "background");
    queue.add("a", "live");
    queue.add("b", "live");
    queue.done("a");
    expect(await takeAll(queue)).toEqual(["b", "a"]);
  });
});

describe("delays", () => {
  it("adds a key at its time, the earliest of several, with one timer for all", async () => {
    const timing = new FakeTiming();
    const queue = new WorkQueue({ timing });
    queue.addAfter("late", 500);
    queue.addAfter("a", 300);
    queue.addAfter("a", 100);
    queue.addAfter("a", 200, "live");
    expect(timing.pendingTimers).toBe(1);
    await timing.advance(99);
    expect(queue.depth).toBe(0);
    await timing.advance(1);
    expect(await takeAll(queue)).toEqual(["a"]);
    await timing.advance(399);
    expect(queue.depth).toBe(0);
    await timing.advance(1);
    expect(await takeAll(queue)).toEqual(["late"]);
    expect(queue.delayed).toBe(0);
    expect(timing.pendingTimers).toBe(0);
  });

  it("adds at once for 0, a negative number and NaN", async () => {
    const queue = new WorkQueue({ timing: new FakeTiming() });
    queue.addAfter("a", 0);
    queue.addAfter("b", -1);
    queue.addAfter("c", Number.NaN);
    expect(await takeAll(queue)).toEqual(["a", "b", "c"]);
  });

  it("moves any number of due keys", async () => {
    const timing = new FakeTiming();
    const queue = new WorkQueue({ timing });
    for (let n = 0; n < 12_000; n++) queue.addAfter(`key${n}`, 10);
    await timing.advance(10);
    expect(queue.depth).toBe(12_000);
  });
});

describe("back-off", () => {
  it.each([
    { random: 0, delays: [2.5, 5, 10, 20, 40, 50, 50] },
    { random: 0.999999, delays: [5, 10, 20, 40, 80, 100, 100] },
  ])("doubles from 5 ms to its limit, jittered by $random", async ({ random, delays }) => {
    const timing = new FakeTiming(() => random);
    const queue = new WorkQueue({ timing, maxBackOffMs: 100 });
    for (const delayMs of delays) {
      const startMs = timing.monotonicNow();
      queue.addAfterFailure("a");
      while (queue.depth === 0) await timing.advance(0.5);
      expect(timing.monotonicNow() - startMs).toBeCloseTo(delayMs, 3);
      await takeAll(queue);
    }
    expect(queue.failuresOf("a")).toBe(delays.length);
    queue.forget("a");
    expect(queue.failuresOf("a")).toBe(0);
  });

  it("waits at least what the other side asked for", async () => {
    const timing = new FakeTiming();
    const queue = new WorkQueue({ timing });
    queue.addAfterFailure("a", "live", 3000);
    await timing.advance(2999);
    expect(queue.depth).toBe(0);
    await timing.advance(1);
    expect(queue.depth).toBe(1);
  });

  it("stays at its limit after any number of failures", () => {
    const queue = new WorkQueue({ timing: new FakeTiming(), maxBackOffMs: 100 });
    for (let n = 0; n < 2000; n++) queue.addAfterFailure("a");
    expect(queue.delayed).toBe(1);
  });
});

describe("closing", () => {
  it("drops queued and delayed keys, wakes the workers and takes nothing more", async () => {
    const timing = new FakeTiming();
    const queue = new WorkQueue({ timing });
    queue.add("a");
    await queue.take(forever);
    const idle = queue.take(forever);
    queue.addAfter("c", 10);
    queue.close();
    queue.add("d");
    queue.addAfter("e", 1);
    queue.addAfterFailure("f");
    expect(await idle).toBeUndefined();
    expect(await queue.take(forever)).toBeUndefined();
    expect([queue.depth, queue.delayed, timing.pendingTimers]).toEqual([0, 0, 0]);
  });

  it("waits for what is being worked on, up to its limit", async () => {
    const timing = new FakeTiming();
    const queue = new WorkQueue({ timing });
    queue.add("a");
    queue.add("b");
    await queue.take(forever);
    await queue.take(forever);
    queue.close();
    const inTime = queue.whenDrained(1000);
    const tooLate = queue.whenDrained(100);
    queue.done("a");
    await timing.advance(100);
    expect(await tooLate).toEqual({ kind: "timed-out", keys: ["b"] });
    queue.done("b");
    expect(await inTime).toEqual({ kind: "drained" });
    expect(await queue.whenDrained(1)).toEqual({ kind: "drained" });
    expect(timing.pendingTimers).toBe(0);
  });
});

describe("measures", () => {
  it("tells adds, retries, and the times of waiting and of work", async () => {
    const timing = new FakeTiming();
    const seen: string[] = [];
    const queue = new WorkQueue({
      timing,
      metrics: {
        onAdd: (lane) => seen.push(`add ${lane}`),
        onRetry: () => seen.push("retry"),
        onTake: (ms) => seen.push(`take ${ms}`),
        onDone: (ms) => seen.push(`done ${ms}`),
      },
    });
    queue.add("a", "background");
    queue.add("a");
    await timing.advance(30);
    await queue.take(forever);
    await timing.advance(20);
    expect([queue.processing, queue.longestProcessingMs]).toEqual([1, 20]);
    queue.done("a");
    queue.addAfterFailure("a");
    expect(seen).toEqual(["add background", "take 30", "done 20", "retry"]);
    expect(queue.longestProcessingMs).toBe(0);
  });
});

describe("for any schedule", () => {
  const key = fc.constantFrom("a", "b", "c");
  const lane = fc.constantFrom<Lane>("live", "background");
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), key, lane }),
    fc.record({ do: fc.constant("later" as const), key, lane, ms: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constant("fail" as const), key }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ do: fc.constant("finish" as const), which: fc.nat() }),
  );

  it("no key is worked on twice at once, and work begins after every add", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (steps, workers) => {
        const timing = new FakeTiming();
        const queue = new WorkQueue({ timing, maxBackOffMs: 50 });
        const running: string[] = [];
        const owed = new Set<string>();
        const twice: string[] = [];
        const onTaken = (taken: Taken | undefined): void => {
          if (taken === undefined) return;
          if (running.includes(taken.key)) twice.push(taken.key);
          running.push(taken.key);
          owed.delete(taken.key);
        };
        const finish = (which: number): void => {
          const [done] = running.splice(which % running.length, 1);
          if (done === undefined) return;
          queue.done(done);
          void queue.take(forever).then(onTaken);
        };
        for (let n = 0; n < workers; n++) void queue.take(forever).then(onTaken);

        for (const each of steps) {
          if (each.do === "add") {
            // An add that finds the key taken only by a promise still on its way is owed all the same.
            await settle();
            owed.add(each.key);
            queue.add(each.key, each.lane);
          } else if (each.do === "later") {
            await settle();
            owed.add(each.key);
            queue.addAfter(each.key, each.ms, each.lane);
          } else if (each.do === "fail") {
            await settle();
            owed.add(each.key);
            queue.addAfterFailure(each.key);
          } else if (each.do === "pass") {
            await timing.advance(each.ms);
          } else if (running.length > 0) {
            finish(each.which);
          }
        }
        for (let turn = 0; turn < 60 && owed.size + running.length + queue.delayed + queue.processing > 0; turn++) {
          await timing.advance(10);
          while (running.length > 0) finish(0);
        }
        expect({ owed: [...owed], twice }).toEqual({ owed: [], twice: [] });
        expect([queue.depth, queue.delayed, queue.processing]).toEqual([0, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});
