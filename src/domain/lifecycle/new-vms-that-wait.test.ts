import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newVmsThatWait } from "./new-vms-that-wait.ts";

describe("rule 8: new VMs per pass", () => {
  it.each([
    ["none while there are no more than allowed", ["b", "a"], 2, []],
    ["those with the higher uuids", ["c", "a", "b"], 1, ["b", "c"]],
    ["all when the pass has protected its share already", ["a"], 0, ["a"]],
    ["all when it has protected more than that", ["a"], -1, ["a"]],
  ])("wait: %s", (_case, uuids, most, expected) => {
    expect([...newVmsThatWait(uuids, most)]).toEqual(expected);
  });

  it("never lets more through than allowed, and all of them in the end, each before those behind it", () => {
    const uuids = fc.uniqueArray(fc.uuid(), { maxLength: 60 });
    fc.assert(
      fc.property(uuids, fc.integer({ min: 1, max: 20 }), (all, most) => {
        const protectedOnes: string[] = [];
        for (let left: readonly string[] = all; left.length > 0; ) {
          const waiting = newVmsThatWait(left, most);
          const admitted = left.filter((uuid) => !waiting.has(uuid));
          expect(admitted.length).toBe(Math.min(most, left.length));
          protectedOnes.push(...admitted.sort());
          left = left.filter((uuid) => waiting.has(uuid));
        }
        expect(protectedOnes).toEqual([...all].sort());
      }),
    );
  });
});
