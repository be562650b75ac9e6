import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../test/support/kubernetes/fake-timing.ts";
import { RecordingLogger } from "../../test/support/kubernetes/recording-logger.ts";
import { Controller, type ReconcileContext, type Result, TerminalError } from "./controller.ts";
import { KubeApiError } from "./http/api-error.ts";
import { WorkQueue } from "./work-queue.ts";

type Reconcile = (key: string, context: ReconcileContext) => Promise<Result>;

function start(reconcile: Reconcile, workers = 1) {
  const timing = new FakeTiming();
  const log = new RecordingLogger();
  const queue = new WorkQueue({ timing });
  const stop = new AbortController();
  const outcomes: string[] = [];
  const controller = new Controller({
    name: "things",
    queue,
    reconciler: { reconcile },
    workers,
    reconcileLimitMs: 1_000,
    timing,
    log,
    onReconcile: (outcome, durationMs) => outcomes.push(`${outcome} ${durationMs}`),
  });
  return { timing, log, queue, stop, outcomes, controller, run: controller.run(stop.signal) };
}

const conflict = new KubeApiError({ code: "Conflict", httpStatus: 409, message: "conflict" });

describe("the end of a reconcile", () => {
  const cases: readonly { name: string; end: () => Result; againAfterMs: number | "never"; level: string }[] = [
    { name: "done", end: () => ({ kind: "done" }), againAfterMs: "never", level: "none" },
    { name: "requeue", end: () => ({ kind: "requeue", afterMs: 5_000 }), againAfterMs: 5_000, level: "none" },
    {
      name: "an error",
      end: () => {
        throw new Error("no");
      },
      againAfterMs: 3.75,
      level: "warn reconcile failed",
    },
    {
      name: "a conflict",
      end: () => {
        throw conflict;
      },
      againAfterMs: 3.75,
      level: "debug reconcile met a conflict",
    },
    {
      name: "a server that asks to wait",
      end: () => {
        throw new KubeApiError({ code: "TooManyRequests", httpStatus: 429, message: "slow", retryAfterMs: 2_000 });
      },
      againAfterMs: 2_000,
      level: "warn reconcile failed",
    },
    {
      name: "a terminal error",
      end: () => {
        throw new TerminalError("BadSpec", "no such client");
      },
      againAfterMs: "never",
      level: "error reconcile failed for good",
    },
  ];

  it.each(cases)("$name: again $againAfterMs", async ({ end, againAfterMs, level }) => {
    let calls = 0;
    const { timing, queue, log } = start(async () => {
      calls += 1;
      return end();
    });
    queue.add("ns/a");
    await settle();
    expect(calls).toBe(1);
    expect(log.lines).toEqual(level === "none" ? [] : [level]);
    const waitMs = againAfterMs === "never" ? 3_600_000 : againAfterMs;
    await timing.advance(waitMs - 0.01);
    expect(calls).toBe(1);
    await timing.advance(0.01);
    expect(calls).toBe(againAfterMs === "never" ? 1 : 2);
  });

  it.each(["an error", "requeue"])("%s puts the key back into the lane it came from", async (end) => {
    const order: string[] = [];
    const blocked = Promise.withResolvers<void>();
    const { timing, queue } = start(async (key) => {
      order.push(key);
      if (key === "blocker") await blocked.promise;
      if (key !== "initial" || order.length > 1) return { kind: "done" };
      if (end === "requeue") return { kind: "requeue", afterMs: 5 };
      throw new Error("no");
    });
    queue.add("initial", "background");
    await settle();
    queue.add("blocker");
    await timing.advance(10);
    queue.add("live");
    blocked.resolve();
    await settle();
    expect(order).toEqual(["initial", "blocker", "live", "initial"]);
  });

  it("well makes its next failure the first again", async () => {
    const ends = [true, true, true, false, true];
    const { timing, queue } = start(async () => {
      if (ends.shift() === true) throw new Error("no");
      return { kind: "done" };
    });
    queue.add("a");
    await timing.advance(1_000);
    expect(queue.failuresOf("a")).toBe(0);
    queue.add("a");
    await settle();
    expect(queue.failuresOf("a")).toBe(1);
  });
});

it("never works on one key twice at once, and on several keys with several workers", async () => {
  const running: string[] = [];
  const ends: (() => void)[] = [];
  const { queue } = start(async (key) => {
    running.push(key);
    await new Promise<void>((resolve) => ends.push(resolve));
    return { kind: "done" };
  }, 3);
  for (const key of ["a", "b"]) queue.add(key);
  await settle();
  for (const key of ["a", "b", "c", "d"]) queue.add(key);
  await settle();
  expect(running).toEqual(["a", "b", "c"]);
  for (let n = 0; n < 6; n++) {
    ends.shift()?.();
    await settle();
  }
  expect(running.toSorted()).toEqual(["a", "a", "b", "b", "c", "d"]);
});

describe("the time limit", () => {
  it("aborts the reconcile, which counts as an error", async () => {
    const { timing, queue, outcomes, log } = start(
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        ),
    );
    queue.add("a");
    await timing.advance(1_000);
    expect(outcomes).toEqual(["error 1000"]);
    expect(log.fields[0]).toMatchObject({ code: "DeadlineExceeded" });
  });

  it("that is ignored makes the controller unhealthy and starts nothing beside", async () => {
    let calls = 0;
    const { timing, queue, controller } = start(() => {
      calls += 1;
      return new Promise(() => {});
    }, 2);
    queue.add("a");
    await timing.advance(30_000);
    queue.add("a");
    await timing.advance(30_000);
    expect(controller.isHealthy()).toBe(true);
    await timing.advance(1_000);
    expect(controller.isHealthy()).toBe(false);
    expect(calls).toBe(1);
  });
});

describe("stopping", () => {
  it("by closing the queue lets the running reconcile end", async () => {
    let end: () => void = () => {};
    const { queue, run, outcomes } = start(async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return { kind: "requeue", afterMs: 10 };
    });
    queue.add("a");
    queue.add("b");
    await settle();
    queue.close();
    end();
    await run;
    expect(outcomes).toEqual(["requeue 0"]);
    expect([queue.depth, queue.delayed]).toEqual([0, 0]);
  });

  it("by the signal aborts it, and logs no failure", async () => {
    const { queue, run, stop, outcomes, log } = start(
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        ),
    );
    queue.add("a");
    await settle();
    stop.abort(new Error("lease lost"));
    await run;
    expect(outcomes).toEqual(["aborted 0"]);
    expect(log.lines).toEqual([]);
  });
});
