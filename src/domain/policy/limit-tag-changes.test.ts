import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AcceptedWish, type WishingVm, wishesToAccept } from "./judge-wish-changes.ts";
import { type TagChangeTimes, tagChangesToRemember, tagChangeWaitsUntilMs } from "./limit-tag-changes.ts";

const HOUR_MS = 3_600_000;
const now = Date.UTC(2026, 10, 24, 12);
const limit = { intervalMs: HOUR_MS, nowMs: now };
const wishing = (jobDefsTag: string | undefined, optedOut = false): WishingVm => ({
  uuid: "u1",
  name: "web01",
  wishes: { kind: "read", jobDefsTag, optedOut },
});
const GOLD = new Map<string, AcceptedWish>([["u1", { jobDefsTag: "Gold", optedOut: false }]]);
const NOTHING = new Map<string, AcceptedWish>();
const changedAgo = (ms: number): TagChangeTimes => new Map([["u1", now - ms]]);

describe("rule 8: a change of tags", () => {
  it.each<[string, WishingVm, ReadonlyMap<string, AcceptedWish>, TagChangeTimes, number | undefined]>([
    ["is applied at once when there was none before", wishing("Silver"), GOLD, new Map(), undefined],
    ["waits after another one", wishing("Silver"), GOLD, changedAgo(60_000), now - 60_000 + HOUR_MS],
    ["waits when it takes the tag away", wishing(undefined), GOLD, changedAgo(60_000), now - 60_000 + HOUR_MS],
    ["waits when it opts out", wishing("Gold", true), GOLD, changedAgo(60_000), now - 60_000 + HOUR_MS],
    ["waits also when nothing is in force", wishing("Gold"), NOTHING, changedAgo(0), now + HOUR_MS],
    ["is applied when the interval is over", wishing("Silver"), GOLD, changedAgo(HOUR_MS), undefined],
    ["that is none does not wait", wishing("Gold"), GOLD, changedAgo(60_000), undefined],
    ["waits for no time that is still to come", wishing("Silver"), GOLD, changedAgo(-1), undefined],
    [
      "cannot be read from a record that means two things",
      { ...wishing("x"), wishes: { kind: "ambiguous" } },
      GOLD,
      changedAgo(60_000),
      undefined,
    ],
  ])("%s", (_case, vm, accepted, changed, expected) => {
    expect(tagChangeWaitsUntilMs(vm, accepted, changed, limit)).toBe(expected);
  });

  it.each<[string, WishingVm, ReadonlyMap<string, AcceptedWish>, boolean, readonly (readonly [string, number])[]]>([
    ["what a new VM asks for", wishing("Gold"), NOTHING, true, []],
    ["a first tag", wishing("Gold"), NOTHING, false, [["u1", now]]],
    ["an opt-in of a VM without a job", wishing(undefined), new Map([["u1", { optedOut: true }]]), true, [["u1", now]]],
    ["what stayed", wishing("Gold"), GOLD, false, []],
  ])("is remembered: %s", (_case, vm, accepted, isNew, expected) => {
    expect([...tagChangesToRemember([vm], accepted, new Map(), () => isNew, limit)]).toEqual(expected);
  });

  it("is remembered for the interval, also of a VM that is not listed meanwhile", () => {
    for (const [ageMs, size] of [
      [HOUR_MS - 1, 1],
      [HOUR_MS, 0],
    ] as const)
      expect(tagChangesToRemember([], GOLD, changedAgo(ageMs), () => false, limit).size).toBe(size);
  });

  it("never comes twice within the interval, whatever a tenant does, and the last wish wins in the end", () => {
    const wish = fc.record({
      jobDefsTag: fc.option(fc.constantFrom("Gold", "Silver"), { nil: undefined }),
      optedOut: fc.boolean(),
      isListed: fc.boolean(),
      minutes: fc.integer({ min: 1, max: 80 }),
    });
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 40 }), (wishes) => {
        let accepted: ReadonlyMap<string, AcceptedWish> = NOTHING;
        let changed: TagChangeTimes = new Map();
        let nowMs = now;
        let inForce = "";
        const changes: number[] = [];
        const last = wishes.at(-1);
        for (const { minutes, isListed, ...asked } of [...wishes, { ...last, isListed: true, minutes: 61 }]) {
          nowMs += minutes * 60_000;
          const limits = { intervalMs: HOUR_MS, nowMs };
          const vm = wishing(asked.jobDefsTag, asked.optedOut);
          const waits = tagChangeWaitsUntilMs(vm, accepted, changed, limits) !== undefined;
          const before = accepted.get("u1") ?? { optedOut: false };
          const listed = isListed ? [waits ? { ...vm, wishes: { kind: "read", ...before } as const } : vm] : [];
          changed = tagChangesToRemember(listed, accepted, changed, () => false, limits);
          accepted = wishesToAccept(listed, accepted, () => true);
          if (!isListed) continue;
          const { jobDefsTag, optedOut } = accepted.get("u1") ?? { optedOut: false };
          const next = `${jobDefsTag ?? "-"} ${optedOut}`;
          if (next === inForce) continue;
          if (inForce !== "") changes.push(nowMs);
          inForce = next;
        }
        const gaps = changes.slice(1).map((changeMs, at) => changeMs - (changes[at] ?? 0));
        expect(gaps.filter((gapMs) => gapMs < HOUR_MS)).toEqual([]);
        expect(inForce).toBe(`${last?.jobDefsTag ?? "-"} ${last?.optedOut}`);
      }),
    );
  });
});
