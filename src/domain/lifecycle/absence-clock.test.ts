import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blindMs, forgetBefore, LOST_LOG, type SightLog, seenAt } from "./absence-clock.ts";

const MAX = 600;

describe("rule 3: time counts only while we could see", () => {
  it("counts all of the time when every listing came in time", () => {
    let log = seenAt(LOST_LOG, 1_000, MAX);
    for (let now = 1_300; now <= 10_000; now += 300) log = seenAt(log, now, MAX);
    expect(blindMs(log, 1_000, 10_000)).toBe(0);
  });
  it("does not count an outage beyond two intervals", () => {
    const log = seenAt(seenAt(LOST_LOG, 1_000, MAX), 9_000, MAX);
    expect(blindMs(log, 1_000, 9_000)).toBe(9_000 - 1_000 - MAX);
  });
  it("begins again when the log was lost", () => {
    expect(blindMs(seenAt(LOST_LOG, 9_000, MAX), 1_000, 9_000)).toBe(8_000);
  });
  it("begins again when the clock was set back", () => {
    const log = seenAt(seenAt(LOST_LOG, 9_000_000, MAX), 5_000_000, MAX);
    expect(blindMs(log, 1_000_000, 5_000_000)).toBe(4_000_000);
  });
  it("takes a small step back for no news", () => {
    const log = seenAt(LOST_LOG, 9_000_000, MAX);
    expect(seenAt(log, 8_999_000, MAX)).toEqual(log);
  });
  it("forgetting what lies before an absence changes nothing for it", () => {
    const log: SightLog = {
      lastSeenMs: 900,
      gaps: [
        { fromMs: 0, toMs: 100 },
        { fromMs: 200, toMs: 300 },
      ],
    };
    expect(blindMs(forgetBefore(log, 150), 150, 900)).toBe(blindMs(log, 150, 900));
  });

  it("never counts more than the time in which listings came, whatever the history", () => {
    const steps = fc.array(fc.integer({ min: -500_000, max: 5_000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(steps, fc.nat(20_000), (waits, sinceOffset) => {
        let now = 1_000_000;
        const since = now + sinceOffset;
        let log = seenAt(LOST_LOG, now, MAX);
        let sighted = 0;
        for (const wait of waits) {
          const before = now;
          now += wait;
          log = seenAt(log, now, MAX);
          sighted += Math.max(0, Math.min(before + MAX, now) - before);
        }
        const counted = Math.max(0, now - since) - blindMs(log, since, now);
        expect(counted).toBeGreaterThanOrEqual(0);
        expect(counted).toBeLessThanOrEqual(sighted);
        expect(log.gaps.length).toBeLessThanOrEqual(201);
      }),
    );
  });
});
