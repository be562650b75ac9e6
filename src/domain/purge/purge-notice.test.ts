import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { announce, begunLately, isAnnounced, type PurgeNotices } from "./purge-notice.ts";

const DAY_MS = 86_400_000;
const policy = { graceDays: 14, cleanupAfterDays: 30 };
const at = (day: number) => day * DAY_MS;
const shown = [{ uuid: "a", purgeAtMs: at(100) }];
const since = (day: number, before?: PurgeNotices, change: object = {}, vms = shown) =>
  announce(before, { ...policy, ...change }, vms, at(day));

describe("rule 5: a purge is announced for 7 days", () => {
  it("from when its purgeAt was first shown", () => {
    const first = since(10);
    expect(isAnnounced(first, "a", at(10))).toBe(false);
    const later = since(17, first);
    expect(isAnnounced(later, "a", at(17) - 1)).toBe(false);
    expect(isAnnounced(later, "a", at(17))).toBe(true);
    expect(isAnnounced(later, "b", at(99))).toBe(false);
    expect(isAnnounced(undefined, "a", at(99))).toBe(false);
  });
  it("for cleanupAfterDays when that is less", () => {
    const change = { cleanupAfterDays: 0.5 };
    const notices = since(10, since(9, undefined, change), change);
    expect(isAnnounced(notices, "a", at(9.5) - 1)).toBe(false);
    expect(isAnnounced(notices, "a", at(9.5))).toBe(true);
  });
  it.each([
    ["another threshold", { cleanupAfterDays: 29 }, shown],
    ["another grace time", { graceDays: 13 }, shown],
    ["an earlier purgeAt", {}, [{ uuid: "a", purgeAtMs: at(99) }]],
  ])("anew with %s", (_what, change, vms) => {
    expect(isAnnounced(since(20, since(10), change, vms), "a", at(20))).toBe(false);
  });
  it.each([
    ["a later purgeAt", shown.map(({ uuid }) => ({ uuid, purgeAtMs: at(101) }))],
    ["the same, as a header has it", shown.map(({ uuid, purgeAtMs }) => ({ uuid, purgeAtMs: purgeAtMs - 999 }))],
  ])("goes on with %s", (_what, vms) => {
    expect(isAnnounced(since(17, since(10), {}, vms), "a", at(17))).toBe(true);
  });
  it("anew after it was not shown for a while: the VM was there, or was held", () => {
    const gap = since(12, since(10), {}, []);
    expect(isAnnounced(since(18, gap), "a", at(18))).toBe(false);
  });
  it("anew when the clock was set back behind its beginning", () => {
    expect(isAnnounced(since(5, since(10)), "a", at(11))).toBe(false);
  });
  it("and is no announcement without the opt-in, but what was begun counts for its day", () => {
    const begun = [{ uuid: "x", atMs: at(10) }];
    const first = since(10);
    const notices = first && { ...first, begun };
    const without = since(10.5, notices, { cleanupAfterDays: undefined });
    expect(without?.vms.size).toBe(0);
    expect(begunLately(since(10.6, without), at(10.6))).toEqual(begun);
    expect(since(12, without, { cleanupAfterDays: undefined })).toBeUndefined();
    expect(since(1, undefined, { cleanupAfterDays: undefined })).toBeUndefined();
  });
  it("never comes from a shorter time, whatever happens between", () => {
    const step = fc.record({
      hours: fc.integer({ min: -48, max: 96 }),
      days: fc.constantFrom(30, 40),
      isShown: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let nowMs = at(1000);
        let notices: PurgeNotices | undefined;
        let earliest: number | undefined;
        let lastDays: number | undefined;
        for (const { hours, days, isShown } of steps) {
          nowMs += hours * 3_600_000;
          if (!isShown || days !== lastDays || earliest === undefined || earliest > nowMs)
            earliest = isShown ? nowMs : undefined;
          lastDays = days;
          notices = announce(notices, { graceDays: 1, cleanupAfterDays: days }, isShown ? shown : [], nowMs);
          const isLongEnough = earliest !== undefined && nowMs - earliest >= at(7);
          expect(isAnnounced(notices, "a", nowMs)).toBe(isLongEnough);
        }
      }),
    );
  });
});
