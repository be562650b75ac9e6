import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choosePurges, type DuePurge, describeDelay, type PurgeDelay } from "./choose-purges.ts";

const due = (uuid: string, change: Partial<DuePurge> = {}): DuePurge => ({
  uuid,
  isUnderWay: false,
  isAnnounced: true,
  disabledMs: 0,
  ...change,
});
const limits = { perPass: 2 };

describe("rule 5: how many purges a pass may begin", () => {
  it("takes the longest disabled first, and tells why the others wait", () => {
    const chosen = choosePurges(
      [
        due("c", { disabledMs: 3 }),
        due("a", { disabledMs: 1 }),
        due("b", { disabledMs: 2 }),
        due("n", { isAnnounced: false }),
      ],
      0,
      limits,
    );
    expect(chosen).toMatchObject({ order: ["a", "b", "c"], most: 2, mostNew: 2 });
    expect([...chosen.later]).toEqual([
      ["n", "NotAnnounced"],
      ["c", "TooManyThisPass"],
    ]);
  });
  it("goes on with those under way first, announced or not, also when the day is full", () => {
    const chosen = choosePurges([due("a"), due("u", { isUnderWay: true, isAnnounced: false })], 50, limits);
    expect(chosen).toMatchObject({ order: ["u", "a"], most: 2, mostNew: 0 });
    expect(chosen.later.get("a")).toBe("TooManyToday");
  });
  it("begins no more than 50 a day", () => {
    expect(choosePurges([due("a"), due("b")], 49, limits)).toMatchObject({ mostNew: 1 });
    expect(choosePurges([due("a"), due("b")], 51, limits)).toMatchObject({ mostNew: 0 });
  });
  it("never begins one that was not announced, never more than a limit, and forgets none", () => {
    const vm = fc.record({
      uuid: fc.uuid(),
      isUnderWay: fc.boolean(),
      isAnnounced: fc.boolean(),
      disabledMs: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(vm, { selector: ({ uuid }) => uuid }),
        fc.nat(60),
        fc.nat(10),
        (vms, begun, perPass) => {
          const { order, later, most, mostNew } = choosePurges(vms, begun, { perPass });
          const byUuid = new Map(vms.map((one) => [one.uuid, one]));
          for (const uuid of order) {
            const one = byUuid.get(uuid);
            expect(one?.isUnderWay === true || one?.isAnnounced === true).toBe(true);
          }
          expect(most).toBe(perPass);
          expect(mostNew).toBeLessThanOrEqual(perPass);
          expect(mostNew + begun).toBeLessThanOrEqual(Math.max(50, begun));
          expect(new Set([...order, ...later.keys()]).size).toBe(vms.length);
        },
      ),
    );
  });
  it("has words for every delay", () => {
    const delays: readonly PurgeDelay[] = [
      "NotAnnounced",
      "TooManyThisPass",
      "TooManyToday",
      "CatalogUnknown",
      "DirectorUnknown",
    ];
    expect(new Set(delays.map(describeDelay)).size).toBe(delays.length);
  });
});
