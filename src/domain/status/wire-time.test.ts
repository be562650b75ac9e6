import { describe, expect, it } from "vitest";
import { wireTime } from "./wire-time.ts";

describe("times of the status", () => {
  it.each([
    [Date.UTC(2026, 4, 18, 19), "2026-05-18T19:00:00Z"],
    [Date.UTC(2026, 4, 18, 19) + 999, "2026-05-18T19:00:00Z"],
    [-1, "1970-01-01T00:00:00Z"],
    [Number.MAX_SAFE_INTEGER, "9999-12-31T23:59:59Z"],
  ])("%d", (ms, wire) => {
    expect(wireTime(ms)).toBe(wire);
  });
});
