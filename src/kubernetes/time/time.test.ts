import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../../test/support/kubernetes/fake-timing.ts";
import { BackOff, watchBackOff } from "./back-off.ts";
import { withDeadline } from "./deadline.ts";
import { Pace } from "./pace.ts";
import { sleep } from "./sleep.ts";
import { systemTiming } from "./timing.ts";
import { untilAborted } from "./until-aborted.ts";

const never = new Promise<never>(() => {});

describe("back-off", () => {
  it.each([
    { random: 0, delays: [800, 800, 800, 800, 800, 800, 800] },
    { random: 0.5, delays: [1_200, 2_000, 3_600, 6_800, 13_200, 15_400, 15_400] },
    { random: 1, delays: [1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000] },
  ])("doubles its bound to 30 s (random $random)", ({ random, delays }) => {
    const backOff = new BackOff(watchBackOff, new FakeTiming(() => random));
    expect(delays.map(() => backOff.nextDelayMs())).toEqual(delays);
  });

  it("begins again after two minutes of health, counted from the end of the pause", async () => {
    const timing = new FakeTiming(() => 1);
    const backOff = new BackOff(watchBackOff, timing);
    backOff.nextDelayMs();
    const delayMs = backOff.nextDelayMs();
    await timing.advance(delayMs + 120_000);
    expect(backOff.nextDelayMs()).toBe(6_400);
    await timing.advance(6_400 + 120_001);
    expect(backOff.nextDelayMs()).toBe(1_600);
  });

  it("waits at least as long as it was asked to", () => {
    expect(new BackOff(watchBackOff, new FakeTiming()).nextDelayMs(45_000)).toBe(45_000);
  });
});

describe("a deadline", () => {
  it("aborts the work, and waits for its end", async () => {
    const timing = new FakeTiming();
    let ended = false;
    const run = withDeadline(timing, { what: "it", limitMs: 100 }, new AbortController().signal, async (signal) => {
      await untilAborted(never, signal).catch(() => {});
      await Promise.resolve();
      ended = true;
      signal.throwIfAborted();
    });
    const outcome = run.catch((error: unknown) => error);
    await timing.advance(100);
    expect(await outcome).toMatchObject({ code: "DeadlineExceeded", message: "it took longer than 100 ms" });
    expect(ended).toBe(true);
  });

  it("hands the parent's abort on, also one from before, and leaves no timer", async () => {
    const timing = new FakeTiming();
    const parent = new AbortController();
    const start = () =>
      withDeadline(timing, { what: "it", limitMs: 100 }, parent.signal, (own) => untilAborted(never, own));
    const running = start().catch((error: unknown) => error);
    parent.abort(new Error("stop"));
    expect(await running).toEqual(new Error("stop"));
    await expect(start()).rejects.toThrow("stop");
    expect(timing.pendingTimers).toBe(0);
  });
});

describe("waiting until aborted", () => {
  it("settles as the work does", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(untilAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
  });

  it("does not wait for work that does not heed the signal, and its later failure is nobody's", async () => {
    const stop = new AbortController();
    const work = Promise.withResolvers<void>();
    const outcome = untilAborted(work.promise, stop.signal).catch((error: unknown) => error);
    stop.abort(new Error("stop"));
    expect(await outcome).toEqual(new Error("stop"));
    work.reject(new Error("later"));
    await settle();
    await expect(untilAborted(never, stop.signal)).rejects.toThrow("stop");
  });
});

describe("sleep", () => {
  it("ends with its time or with its signal, and leaves no timer", async () => {
    const timing = new FakeTiming();
    const stop = new AbortController();
    const slept: string[] = [];
    const first = sleep(timing, 100, stop.signal).then(() => slept.push("first"));
    const second = sleep(timing, 200, stop.signal).catch((error: unknown) => error);
    await timing.advance(100);
    await first;
    stop.abort(new Error("stop"));
    expect(await second).toEqual(new Error("stop"));
    await expect(sleep(timing, 1, stop.signal)).rejects.toThrow("stop");
    expect([slept, timing.pendingTimers]).toEqual([["first"], 0]);
  });
});

describe("pace", () => {
  it("is due when its slice is used up, and has a new one after a rest", async () => {
    const timing = new FakeTiming();
    const pace = new Pace(timing, 10);
    timing.jump(9);
    expect(pace.isDue).toBe(false);
    timing.jump(1);
    expect(pace.isDue).toBe(true);
    await pace.rest();
    expect(pace.isDue).toBe(false);
  });
});

describe("the system's timers", () => {
  it("do not fire at once when the delay is longer than setTimeout can", async () => {
    let isFired = false;
    const cancel = systemTiming.schedule(2 ** 32, () => {
      isFired = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    cancel();
    expect(isFired).toBe(false);
  });

  it("fire once, and not when cancelled", async () => {
    const fired: string[] = [];
    systemTiming.schedule(1, () => fired.push("a"));
    systemTiming.schedule(1, () => fired.push("b"))();
    await expect.poll(() => fired).toEqual(["a"]);
  });
});
