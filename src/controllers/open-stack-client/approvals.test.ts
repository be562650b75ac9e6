import { describe, expect, it } from "vitest";
import type { PassOutcome } from "../../sync/pass-report.ts";
import { approvalUsedBy, unusedApproval } from "./approvals.ts";

type Passed = Extract<PassOutcome, { kind: "passed" }>;
const passed = (change: Partial<Passed>) => ({
  outcome: {
    kind: "passed",
    vms: [],
    publishing: { kind: "unchanged" },
    failedChanges: [],
    unknownReferences: [],
    removals: { kind: "allowed" },
    pluginEdits: { kind: "allowed" },
    frontEnd: { kind: "ours" },
    ...change,
  } as const,
});

describe("an approval", () => {
  it.each([
    ["that was not used", "60-a", undefined, "60-a"],
    ["after another one", "60-b", "60-a", "60-b"],
    ["that was used", "60-a", "60-a", undefined],
    ["that is none", undefined, undefined, undefined],
  ])("%s", (_case, approval, lastUsed, expected) => {
    expect(unusedApproval(approval, lastUsed)).toBe(expected);
  });

  it.each<[string, Partial<Passed>, string | undefined]>([
    ["of removals", { removals: { kind: "allowed", approvedBy: "30-a" } }, "30-a"],
    ["of Plugin lines", { pluginEdits: { kind: "allowed", approvedBy: "60-a" } }, "60-a"],
    [
      "of Plugin lines while removals are held",
      {
        removals: { kind: "held", reason: "TooManyMissing", names: [], known: 1, token: "9-a" },
        pluginEdits: { kind: "allowed", approvedBy: "60-a" },
      },
      "60-a",
    ],
    ["by nobody", { pluginEdits: { kind: "held", names: [], token: "60-a" } }, undefined],
  ])("is used up: %s", (_case, change, expected) => {
    expect(approvalUsedBy(passed(change))).toBe(expected);
  });

  it("is not used by a pass that did nothing", () => {
    expect(approvalUsedBy({ outcome: { kind: "volume", reason: "LockHeld", detail: "" } })).toBeUndefined();
  });
});
