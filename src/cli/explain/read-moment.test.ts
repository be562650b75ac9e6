import { describe, expect, it } from "vitest";
import { readMoment } from "./read-moment.ts";

const now = Date.UTC(2026, 10, 24, 12);

describe("--at", () => {
  it.each([
    ["+30d", "2026-12-24T12:00:00Z"],
    ["+0.5d", "2026-11-25T00:00:00Z"],
    ["+12h", "2026-11-25T00:00:00Z"],
    ["+90m", "2026-11-24T13:30:00Z"],
    ["2026-12-24", "2026-12-23T23:00:00Z"],
    ["2026-12-24 06:00:00", "2026-12-24T05:00:00Z"],
    ["2026-12-24T06:00:00Z", "2026-12-24T06:00:00Z"],
  ])("%s is %s", (text, expected) => {
    expect(readMoment(text, now, "Europe/Berlin")).toBe(Date.parse(expected));
  });

  it.each(["", "30d", "-1d", "+1w", "+d", "2026-11-24", "2026-13-01", "2026-12-24T06:00", "tomorrow"])(
    "%j is none",
    (text) => {
      expect(readMoment(text, now, "Europe/Berlin")).toBeUndefined();
    },
  );
});
