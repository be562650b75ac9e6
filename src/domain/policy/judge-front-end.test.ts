import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FrontEnd, judgeFrontEnd, type LastApplied, nextLastApplied } from "./judge-front-end.ts";

const OPERATOR: FrontEnd = { frontEnd: "operator bacula/dc1-os1", policyKey: "Default" };
const COMMAND_LINE: FrontEnd = { frontEnd: "command line host:/etc/clients.conf", policyKey: "GoldPool" };
const NOBODY: LastApplied = { policyKey: "" };

describe("the front end whose policy is in force", () => {
  it.each([
    ["the one that applied last", OPERATOR, OPERATOR, false, { kind: "ours" }],
    ["the same one with another policy", OPERATOR, { ...OPERATOR, policyKey: "GoldPool" }, false, { kind: "ours" }],
    ["anybody, after nobody", NOBODY, OPERATOR, false, { kind: "nobodys" }],
    ["anybody, when the document is of before", { policyKey: "GoldPool" }, OPERATOR, false, { kind: "nobodys" }],
    [
      "another one with the same policy",
      OPERATOR,
      { ...COMMAND_LINE, policyKey: "Default" },
      false,
      { kind: "agrees", with: OPERATOR.frontEnd },
    ],
    ["not another one with another policy", OPERATOR, COMMAND_LINE, false, { kind: "held", by: OPERATOR.frontEnd }],
    ["another one that takes over", OPERATOR, COMMAND_LINE, true, { kind: "ours" }],
    ["one that agrees, and takes over", OPERATOR, { ...COMMAND_LINE, policyKey: "Default" }, true, { kind: "ours" }],
  ] as const)("is %s", (_who, last, ours, takesOver, verdict) => {
    expect(judgeFrontEnd(last, ours, takesOver)).toEqual(verdict);
  });
});

describe("front ends with different policies", () => {
  const pass = fc.record({
    frontEnd: fc.constantFrom("a", "b", "c"),
    policyKey: fc.constantFrom("x", "y"),
    takesOver: fc.boolean(),
    losesState: fc.nat(9).map((number) => number === 0),
    isJudged: fc.nat(4).map((number) => number > 0),
  });

  it("never take turns: the one that applies is the last one, or took over, or found nobody", () => {
    fc.assert(
      fc.property(fc.array(pass, { maxLength: 40 }), (passes) => {
        let last = NOBODY;
        let owner: string | undefined;
        for (const { frontEnd, policyKey, takesOver, losesState, isJudged } of passes) {
          if (losesState) {
            last = NOBODY;
            owner = undefined;
          }
          const ours = { frontEnd, policyKey };
          const verdict = judgeFrontEnd(last, ours, takesOver);
          const mayApply = owner === undefined || owner === frontEnd || takesOver || last.policyKey === policyKey;
          expect(verdict.kind !== "held").toBe(mayApply);
          if (!isJudged) continue;
          if (owner === undefined || takesOver) owner = frontEnd;
          last = nextLastApplied(verdict, last, ours);
          expect(last.frontEnd).toBe(owner);
        }
      }),
    );
  });

  it("leave what is recorded alone while they are held or agree", () => {
    fc.assert(
      fc.property(pass, pass, ({ frontEnd, policyKey }, other) => {
        fc.pre(frontEnd !== other.frontEnd);
        const last = { frontEnd, policyKey };
        const ours = { frontEnd: other.frontEnd, policyKey: other.policyKey };
        expect(nextLastApplied(judgeFrontEnd(last, ours), last, ours)).toBe(last);
      }),
    );
  });
});
