import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approvalToken } from "../lifecycle/judge-shrinking.ts";
import {
  type AcceptedWish,
  judgeWishChanges,
  type WishingVm,
  wishesInForce,
  wishesToAccept,
} from "./judge-wish-changes.ts";

const LIMITS = { count: 10, percent: 20 };
const tagged = (count: number, jobDefsTag: string | undefined, from = 0): readonly WishingVm[] =>
  Array.from({ length: count }, (_, index) => ({
    uuid: `u${index + from}`,
    name: `vm${index + from}`,
    wishes: { kind: "read", jobDefsTag, optedOut: false },
  }));
const never = () => false;
const accepted = wishesToAccept(tagged(100, "Gold"), new Map(), never);

describe("rule 2b: a policy outage", () => {
  it.each([
    ["nothing changed", tagged(100, "Gold"), "accepted"],
    ["20 of 100 lost their tag", [...tagged(20, undefined), ...tagged(80, "Gold", 20)], "accepted"],
    ["21 of 100 lost their tag", [...tagged(21, undefined), ...tagged(79, "Gold", 21)], "held"],
    ["all of them changed it", tagged(100, "Silver"), "held"],
    ["VMs that had no wish get one", [...tagged(100, "Gold"), ...tagged(100, "Gold", 100)], "accepted"],
    [
      "records that can be read in two ways change nothing",
      tagged(100, "x").map((vm) => ({ ...vm, wishes: { kind: "ambiguous" } as const })),
      "accepted",
    ],
  ] as const)("%s: %s", (_case, vms, expected) => {
    expect(judgeWishChanges(accepted, vms, LIMITS, undefined).kind).toBe(expected);
  });

  it("holds all three of three", () => {
    const three = wishesToAccept(tagged(3, "Gold"), new Map(), never);
    expect(judgeWishChanges(three, tagged(3, undefined), LIMITS, undefined)).toMatchObject({ kind: "held", known: 3 });
  });

  it("is ended by the token of exactly these VMs", () => {
    const vms = tagged(100, undefined);
    const token = approvalToken(vms.map(({ uuid }) => uuid));
    expect(judgeWishChanges(accepted, vms, LIMITS, token)).toEqual({ kind: "accepted", approvedBy: token });
    expect(judgeWishChanges(accepted, vms, LIMITS, approvalToken(["u1"])).kind).toBe("held");
  });

  it("while it is held, every VM that had a wish keeps it, and the same is remembered", () => {
    const wish = fc.record({
      jobDefsTag: fc.option(fc.constantFrom("A", "B"), { nil: undefined }),
      optedOut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(wish, wish), { maxLength: 40 }), (pairs) => {
        const before: ReadonlyMap<string, AcceptedWish> = wishesToAccept(
          pairs.map(([was], index) => ({ uuid: `u${index}`, name: "", wishes: { kind: "read", ...was } })),
          new Map(),
          never,
        );
        const vms: readonly WishingVm[] = pairs.map(([, is], index) => ({
          uuid: `u${index}`,
          name: "",
          wishes: { kind: "read", ...is },
        }));
        const verdict = judgeWishChanges(before, vms, LIMITS, undefined);
        const inForce = vms.map((vm) => ({ ...vm, wishes: wishesInForce(vm, before, verdict) }));
        const remembered = wishesToAccept(inForce, before, never);
        const kept = [...before.keys()].map((uuid) => [uuid, remembered.get(uuid)]);
        expect(verdict.kind === "held" ? kept : inForce).toEqual(verdict.kind === "held" ? [...before] : vms);
      }),
    );
  });
});

describe("a record that can be read in two ways", () => {
  const forged: WishingVm = { uuid: "u1", name: "x", wishes: { kind: "ambiguous" } };

  it.each<AcceptedWish>([{ optedOut: true }, { jobDefsTag: "Gold", optedOut: false }])(
    "ends no wish that was accepted: %o",
    (wish) => {
      const before = new Map([["u1", wish]]);
      const inForce = wishesInForce(forged, before, { kind: "accepted" });
      expect(inForce).toEqual({ kind: "read", ...wish });
      expect(wishesToAccept([{ ...forged, wishes: inForce }], before, never)).toEqual(before);
    },
  );

  it("is believed in nothing when no wish is known", () => {
    expect(wishesInForce(forged, new Map(), { kind: "accepted" })).toEqual({ kind: "ambiguous" });
  });
});

describe("a VM that is not listed for a while", () => {
  const gold = new Map<string, AcceptedWish>([["u1", { jobDefsTag: "Gold", optedOut: false }]]);
  it("is remembered as long as it is kept, and its tag is forgotten only when it is listed without one", () => {
    expect(wishesToAccept([], gold, () => true)).toEqual(gold);
    expect(wishesToAccept([], gold, never).size).toBe(0);
    expect(wishesToAccept(tagged(2, undefined), gold, () => true).size).toBe(0);
  });
});
