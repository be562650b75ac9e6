import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeRemovals, type RemovalFacts, type RemovalStep } from "./judge-removals.ts";
import { approvalToken, judgeShrinking } from "./judge-shrinking.ts";

const LIMITS = { count: 10, percent: 20 };
const steps = (count: number, step: RemovalStep["step"] = "markMissing"): readonly RemovalStep[] =>
  Array.from({ length: count }, (_, index) => ({ uuid: `u${index}`, name: `vm${index}`, step }));
const facts = (more: Partial<RemovalFacts>): RemovalFacts => ({
  steps: [],
  isConfirmed: true,
  killSwitch: false,
  known: 100,
  active: 100,
  disabledLately: [],
  missingLately: 0,
  others: { known: 0, missingLately: 0 },
  ...more,
});

describe("rule 2: the guard against shrinking", () => {
  it.each([
    [100, 20, "allowed"],
    [100, 21, "held"],
    [12, 6, "allowed"],
    [12, 7, "held"],
    [3, 2, "allowed"],
    [3, 3, "held"],
    [5, 3, "held"],
    [1_000, 200, "allowed"],
    [1_000, 201, "held"],
    [20, 10, "allowed"],
    [20, 11, "held"],
  ] as const)("of %d known may %d be missing: %s", (known, missing, expected) => {
    expect(judgeShrinking({ known, missing }, LIMITS)).toBe(expected);
  });
});

describe("which removals may go on", () => {
  const drip = Array.from({ length: 15 }, (_, index) => `d${index}`);
  it.each<[string, Partial<RemovalFacts>, object]>([
    ["nothing to remove", {}, { kind: "allowed" }],
    ["a few", { steps: steps(5) }, { kind: "allowed" }],
    ["not asked again", { steps: steps(1), isConfirmed: false }, { kind: "unconfirmed" }],
    ["HOLD", { steps: steps(1), killSwitch: true }, { kind: "killSwitch" }],
    ["HOLD without steps", { killSwitch: true }, { kind: "killSwitch" }],
    [
      "too many missing",
      { steps: steps(30) },
      { kind: "held", reason: "TooManyMissing", known: 100, token: approvalToken(steps(30).map(({ uuid }) => uuid)) },
    ],
    [
      "too many missing, approved",
      { steps: steps(30), approval: approvalToken(steps(30).map(({ uuid }) => uuid)) },
      { kind: "allowed" },
    ],
    [
      "too many missing, others approved",
      { steps: steps(30), approval: approvalToken(steps(29).map(({ uuid }) => uuid)) },
      { kind: "held" },
    ],
    [
      "a slow drip",
      { steps: steps(6, "disable"), disabledLately: drip, active: 85 },
      { kind: "held", reason: "TooManyDisabled" },
    ],
    ["no drip", { steps: steps(5, "disable"), disabledLately: drip, active: 85 }, { kind: "allowed" }],
    [
      "disabled lately alone holds nothing",
      { steps: steps(1), disabledLately: steps(60).map(({ uuid }) => uuid), active: 40 },
      { kind: "allowed" },
    ],
    [
      "15 of 100 here and of each of 9 others",
      { steps: steps(15), others: { known: 765, missingLately: 135 } },
      { kind: "held", reason: "TooManyMissing" },
    ],
    ["15 of 100 here alone", { steps: steps(15), others: { known: 900, missingLately: 0 } }, { kind: "allowed" }],
  ])("%s", (_case, more, expected) => {
    expect(judgeRemovals(facts(more), LIMITS)).toMatchObject(expected);
  });

  it("says that an approval was used only when it was needed", () => {
    const approval = approvalToken(steps(5).map(({ uuid }) => uuid));
    expect(judgeRemovals(facts({ steps: steps(5), approval }), LIMITS)).toEqual({ kind: "allowed" });
  });

  it("never lets more than the limits go without the token of exactly these VMs", () => {
    const anyFacts = fc.record({
      steps: fc.array(
        fc.record({
          uuid: fc.uuid(),
          name: fc.string(),
          step: fc.constantFrom("markMissing" as const, "disable" as const),
        }),
        { maxLength: 60 },
      ),
      isConfirmed: fc.boolean(),
      killSwitch: fc.boolean(),
      known: fc.nat(300),
      active: fc.nat(300),
      disabledLately: fc.array(fc.uuid(), { maxLength: 20 }),
      missingLately: fc.nat(20),
      others: fc.record({ known: fc.nat(500), missingLately: fc.nat(100) }),
    });
    fc.assert(
      fc.property(anyFacts, (any) => {
        const verdict = judgeRemovals(any, LIMITS);
        if (verdict.kind !== "allowed" || any.steps.length === 0) return;
        expect([any.isConfirmed, any.killSwitch]).toEqual([true, false]);
        const missing = any.steps.filter(({ step }) => step === "markMissing").length;
        expect(judgeShrinking({ known: any.known, missing }, LIMITS)).toBe("allowed");
      }),
    );
  });
});
