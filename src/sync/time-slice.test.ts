import { expect, it } from "vitest";
import { startTimeSlice } from "./time-slice.ts";

const forever = new AbortController().signal;

/** Works for that long in steps of a millisecond. */
async function work(ms: number, sliceMs: number): Promise<void> {
  const slice = startTimeSlice(sliceMs);
  for (let step = 0; step < ms; step++) {
    if (slice.isUsedUp()) await slice.pause(forever);
    const end = performance.now() + 1;
    while (performance.now() < end);
  }
}

it("shares one slice a turn between all bulk work", async () => {
  const turns: number[] = [];
  let atMs = performance.now();
  let isDone = false;
  const turn = () => {
    turns.push(performance.now() - atMs);
    atMs = performance.now();
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await Promise.all(Array.from({ length: 20 }, () => work(20, 5)));
  isDone = true;
  // 400 ms of work: in turns of 20 slices it would be done after 4.
  expect(turns.length).toBeGreaterThan(40);
});

it("lets timers run between the slices", async () => {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  await Promise.all([work(50, 5), work(50, 5)]);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(5);
});

it("ends all that waits, in the order in which it came", async () => {
  const slice = startTimeSlice();
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((n) => slice.pause(forever).then(() => order.push(n))));
  expect(order).toEqual([1, 2, 3]);
});

it("rejects when it is aborted while it waits", async () => {
  const stop = new AbortController();
  const paused = startTimeSlice().pause(stop.signal);
  stop.abort(new Error("the lease is lost"));
  await expect(paused).rejects.toThrow("the lease is lost");
});
