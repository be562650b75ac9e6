import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clampTimestamp, formatCreated, formatTimestamp, parseTimestamp } from "./timestamps.ts";

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

describe("times in headers", () => {
  it("are written in UTC and whole seconds", () => {
    const ms = Date.UTC(2026, 4, 18, 19, 0, 0, 999);
    expect(formatTimestamp(ms)).toBe("2026-05-18T19:00:00Z");
    expect(formatCreated(ms)).toBe("2026-05-18 19:00:00");
  });

  it.each([
    ["our form", "2026-05-18T19:00:00Z", "Europe/Berlin", "2026-05-18T19:00:00.000Z"],
    ["local, UTC", "2026-05-18 19:00:00", "UTC", "2026-05-18T19:00:00.000Z"],
    ["local, summer", "2026-05-18 19:00:00", "Europe/Berlin", "2026-05-18T17:00:00.000Z"],
    ["local, winter", "2026-01-18 19:00:00", "Europe/Berlin", "2026-01-18T18:00:00.000Z"],
    ["local, half an hour", "2026-01-18 19:00:00", "Asia/Kolkata", "2026-01-18T13:30:00.000Z"],
    ["midnight", "2026-01-18 00:00:00", "America/New_York", "2026-01-18T05:00:00.000Z"],
    ["just before the skip", "2026-03-29 01:59:59", "Europe/Berlin", "2026-03-29T00:59:59.000Z"],
    ["in the skip: moved on", "2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
    ["just behind the skip", "2026-03-29 03:00:00", "Europe/Berlin", "2026-03-29T01:00:00.000Z"],
    ["twice: the later", "2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T01:30:00.000Z"],
    ["just before twice", "2026-10-25 01:59:59", "Europe/Berlin", "2026-10-24T23:59:59.000Z"],
    ["in the skip, west", "2026-03-08 02:30:00", "America/New_York", "2026-03-08T07:30:00.000Z"],
    ["twice, west: the later", "2026-11-01 01:30:00", "America/New_York", "2026-11-01T06:30:00.000Z"],
    ["the other half of the globe", "2026-04-05 02:30:00", "Australia/Sydney", "2026-04-04T16:30:00.000Z"],
  ])("are read: %s", (_what, text, timeZone, expected) => {
    expect(iso(parseTimestamp(text, timeZone))).toBe(expected);
  });

  it.each([
    "",
    "yesterday",
    "2026-05-18",
    "2026-05-18T19:00:00",
    "2026-05-18T19:00:00+02:00",
    "2026-05-18T19:00:00.000Z",
    "2026-02-30T00:00:00Z",
    "2026-02-30 00:00:00",
    "2026-01-01 24:00:00",
    "2026-01-01T25:00:00Z",
    "2026-13-01 00:00:00",
    " 2026-05-18T19:00:00Z",
  ])("are refused: %j", (text) => {
    expect(parseTimestamp(text, "UTC")).toBeUndefined();
  });

  it("survive writing and reading, in both forms", () => {
    const anySecond = fc.integer({ min: 0, max: Date.UTC(2100, 0) / 1000 });
    fc.assert(
      fc.property(anySecond, (second) => {
        expect(parseTimestamp(formatTimestamp(second * 1000), "Europe/Berlin")).toBe(second * 1000);
        expect(parseTimestamp(formatCreated(second * 1000), "UTC")).toBe(second * 1000);
      }),
    );
  });
});

describe("rule 3: a stamp that cannot be true counts as now", () => {
  const now = Date.UTC(2026, 4, 18);
  it.each([
    ["the past", now - 1, now - 1],
    ["now", now, now],
    ["the future", now + 1, now],
    ["2020", Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 1)],
    ["before 2020", Date.UTC(2020, 0, 1) - 1, now],
  ])("%s", (_what, ms, expected) => {
    expect(clampTimestamp(ms, now)).toBe(expected);
  });
});
