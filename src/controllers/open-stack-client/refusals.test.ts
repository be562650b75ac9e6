import { describe, expect, it } from "vitest";
import type { JobDefsChoice } from "../../domain/policy/choose-job-defs.ts";
import { judgeRefusals, shownRefusals } from "./refusals.ts";

type Reason = NonNullable<JobDefsChoice["refused"]>["reason"];
const choice = (basis: JobDefsChoice["basis"], reason?: Reason): JobDefsChoice => ({
  name: "DefaultJob",
  from: "Global",
  basis,
  ...(reason !== undefined && { refused: { name: "Platinum", from: "Tag", reason } }),
});

describe("a refused JobDefs is told on transitions only", () => {
  it.each([
    ["the first time", undefined, choice("judged", "NotFound"), "NotFound", true],
    ["the same again", "NotFound", choice("judged", "NotFound"), "NotFound", false],
    ["for another reason", "NotAllowed", choice("judged", "NotFound"), "NotFound", true],
    ["accepted now", "NotFound", choice("judged"), undefined, false],
    ["not judged now", "NotFound", choice("kept"), "NotFound", false],
    ["never refused", undefined, choice("kept"), undefined, false],
  ])("%s", (_case, before, jobDefs, after, isNews) => {
    const { refusals, newlyRefused } = judgeRefusals([{ uuid: "u", jobDefs }], () => before);
    expect([refusals.get("u"), newlyRefused.has("u")]).toEqual([after, isNews]);
  });
});

describe("what the objects show of a refusal", () => {
  it.each([
    ["False", "NotFound"],
    ["True", undefined],
  ] as const)("PolicyAccepted %s", (status, expected) => {
    const condition = { type: "PolicyAccepted", status, reason: "NotFound", message: "" } as const;
    expect(shownRefusals(() => ({ phase: "Active", conditions: [condition] }))("u")).toBe(expected);
    expect(shownRefusals(() => undefined)("u")).toBeUndefined();
  });
});
