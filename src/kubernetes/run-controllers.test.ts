import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../test/support/kubernetes/fake-timing.ts";
import { RecordingLogger } from "../../test/support/kubernetes/recording-logger.ts";
import { Controller } from "./controller.ts";
import { LeaseLost } from "./lease-elector.ts";
import { runControllers } from "./run-controllers.ts";
import { WorkQueue } from "./work-queue.ts";

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface Setup {
  readonly work?: (signal: AbortSignal) => Promise<void>;
  readonly withElector?: boolean;
  readonly failingReflector?: Error;
}

/** All parts, each telling in `story` what is done with it. */
function start({ work = async () => {}, withElector = true, failingReflector }: Setup = {}) {
  const story: string[] = [];
  const timing = new FakeTiming();
  const log = new RecordingLogger();
  const stop = new AbortController();
  const loss = new AbortController();
  const synced = Promise.withResolvers<void>();
  const leading = Promise.withResolvers<void>();
  const queue = new WorkQueue({ timing });
  const controller = new Controller({
    name: "things",
    queue,
    reconciler: {
      reconcile: async (_key, { signal }) => {
        story.push("reconcile begins");
        await work(signal);
        story.push("reconcile ends");
        return { kind: "done" };
      },
    },
    workers: 1,
    reconcileLimitMs: 600_000,
    timing,
    log,
  });
  const end = runControllers(
    {
      reflectors: [
        {
          run: async (signal) => {
            story.push("watching");
            if (failingReflector !== undefined) throw failingReflector;
            await untilAborted(signal);
            story.push("watches ended");
          },
          waitForSync: (signal) => Promise.race([synced.promise, rejected(signal)]),
        },
      ],
      controllers: [controller],
      loops: [
        async (signal) => {
          story.push("loop begins");
          await untilAborted(signal);
          story.push("loop ends");
        },
      ],
      elector: withElector
        ? {
            lost: loss.signal,
            run: async (signal) => {
              await untilAborted(signal);
              story.push("renewing ended");
            },
            whenLeading: (signal) => Promise.race([leading.promise, rejected(signal)]),
            release: async () => {
              story.push("lease released");
            },
          }
        : undefined,
      recorder: {
        run: untilAborted,
        flush: async () => {
          story.push("events sent");
        },
      },
      transport: {
        close: async () => {
          story.push("connections closed");
        },
      },
      onReady: (isReady) => story.push(isReady ? "ready" : "not ready"),
      timing,
      log,
      drainMs: 10_000,
    },
    stop.signal,
  );
  return { story, timing, log, stop, loss, synced, leading, queue, end };
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

describe("starting", () => {
  it("works only when the caches are complete and we lead", async () => {
    const { story, synced, leading, queue, stop, end } = start();
    queue.add("a");
    await settle();
    expect(story).toEqual(["watching"]);
    synced.resolve();
    await settle();
    expect(story).toEqual(["watching", "ready"]);
    leading.resolve();
    await settle();
    expect(story.slice(2)).toEqual(["loop begins", "reconcile begins", "reconcile ends"]);
    stop.abort(new Error("SIGTERM"));
    await end;
  });

  it("without an elector leads at once", async () => {
    const { story, synced, stop, end } = start({ withElector: false });
    synced.resolve();
    await settle();
    expect(story).toContain("loop begins");
    stop.abort(new Error("SIGTERM"));
    expect(await end).toEqual({ kind: "stopped", isDrained: true });
  });
});

describe("stopping", () => {
  it("lets running work end under the lease, and does all in order", async () => {
    const ended = Promise.withResolvers<void>();
    const { story, timing, synced, leading, queue, stop, end } = start({ work: () => ended.promise });
    synced.resolve();
    leading.resolve();
    queue.add("a");
    queue.add("b");
    await settle();
    story.length = 0;
    stop.abort(new Error("SIGTERM"));
    await timing.advance(9_000);
    expect(story).toEqual(["not ready"]);
    ended.resolve();
    expect(await end).toEqual({ kind: "stopped", isDrained: true });
    expect(story).toEqual([
      "not ready",
      "reconcile ends",
      "loop ends",
      "events sent",
      "watches ended",
      "lease released",
      "renewing ended",
      "connections closed",
    ]);
    expect(timing.pendingTimers).toBe(0);
  });

  it("aborts work that takes too long, and releases the lease when that has ended", async () => {
    const { story, timing, log, synced, leading, queue, stop, end } = start({
      work: (signal) => untilAborted(signal),
    });
    synced.resolve();
    leading.resolve();
    queue.add("a");
    await settle();
    stop.abort(new Error("SIGTERM"));
    await timing.advance(10_000);
    expect(await end).toEqual({ kind: "stopped", isDrained: true });
    expect(story).toContain("lease released");
    expect(log.lines).toContain("warn work did not end in time and is aborted");
  });

  it("does not release the lease while work goes on in spite of everything", async () => {
    const { story, timing, synced, leading, queue, stop, end } = start({ work: () => new Promise(() => {}) });
    synced.resolve();
    leading.resolve();
    queue.add("a");
    await settle();
    stop.abort(new Error("SIGTERM"));
    await timing.advance(15_000);
    expect(await end).toEqual({ kind: "stopped", isDrained: false });
    expect(story).not.toContain("lease released");
    expect(story.at(-1)).toBe("connections closed");
  });

  it.each(["before the caches are complete", "before we lead"])("%s is quick", async (when) => {
    const { story, synced, stop, end } = start();
    if (when === "before we lead") synced.resolve();
    await settle();
    stop.abort(new Error("SIGTERM"));
    expect(await end).toEqual({ kind: "stopped", isDrained: true });
    expect(story).not.toContain("loop begins");
    expect(story.at(-1)).toBe("connections closed");
  });
});

describe("a lost lease", () => {
  it("aborts everything at once and finishes nothing", async () => {
    const { story, synced, leading, queue, loss, end } = start({ work: () => new Promise(() => {}) });
    synced.resolve();
    leading.resolve();
    queue.add("a");
    await settle();
    const error = new LeaseLost("lost");
    loss.abort(error);
    expect(await end).toEqual({ kind: "lease-lost", error });
    expect(story).not.toContain("lease released");
    expect(story).not.toContain("events sent");
  });
});

describe("a part that fails", () => {
  it("ends the run with its error", async () => {
    const error = new Error("a bug");
    const { end } = start({ failingReflector: error });
    expect(await end).toEqual({ kind: "failed", error });
  });
});
