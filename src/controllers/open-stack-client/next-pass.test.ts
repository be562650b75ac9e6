import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextPass, passDelayMs } from "./next-pass.ts";

const last = { generation: 3, requestedAt: "a", nextAtMs: 1_000 };

describe("which pass is next", () => {
  it.each([
    ["after a start", { generation: 3, isDirty: false }, undefined, { kind: "fresh" }],
    ["after a change of the spec", { generation: 4, requestedAt: "a", isDirty: false }, last, { kind: "fresh" }],
    ["on a new request", { generation: 3, requestedAt: "b", isDirty: false }, last, { kind: "fresh" }],
    ["on the same request", { generation: 3, requestedAt: "a", isDirty: false }, last, { kind: "wait", forMs: 500 }],
    ["after the request was taken away", { generation: 3, isDirty: false }, last, { kind: "wait", forMs: 500 }],
    ["on a change of a ManagedVM", { generation: 3, requestedAt: "a", isDirty: true }, last, { kind: "again" }],
    ["when both are due", { generation: 3, requestedAt: "b", isDirty: true }, last, { kind: "fresh" }],
  ])("%s", (_when, triggers, before, expected) => {
    expect(nextPass(triggers, before, 500)).toEqual(expected);
  });
  it("when the interval is over", () => {
    expect(nextPass({ generation: 3, requestedAt: "a", isDirty: true }, last, 1_000)).toEqual({ kind: "fresh" });
  });
});

describe("time to the next pass", () => {
  it("is the interval give or take a tenth, and never longer in trouble", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 86_400_000 }),
        fc.nat(1_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (interval, failures, random) => {
          expect(passDelayMs(interval, failures, random)).toBeLessThanOrEqual(interval * 1.1 + 1);
          expect(passDelayMs(interval, 0, random)).toBeGreaterThanOrEqual(interval * 0.9 - 1);
        },
      ),
    );
  });
  it("doubles from 15 seconds after trouble", () => {
    expect([1, 2, 3, 9].map((failures) => passDelayMs(300_000, failures, 0.5))).toEqual([
      15_000, 30_000, 60_000, 300_000,
    ]);
  });
});
