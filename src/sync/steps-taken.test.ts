import { describe, expect, it } from "vitest";
import { passReport, vmReport } from "../../test/support/sync/pass-report.ts";
import { stepsTaken } from "./steps-taken.ts";

const kindsOf = (report: Parameters<typeof stepsTaken>[0]) =>
  stepsTaken(report).map(({ vm, action }) => `${vm} ${action}`);
const held = { kind: "held", reason: "TooManyMissing", names: ["a"], known: 9, token: "1-a" } as const;
const missing = vmReport("gone", { decision: { kind: "markMissing", edit: {} } });
const disabled = vmReport("old", { decision: { kind: "disable", edit: {} } });
const created = vmReport("new", { decision: { kind: "create", knownToCatalog: false } });

describe("what a pass did", () => {
  it("is what it planned, when nothing kept it from it", () => {
    expect(kindsOf(passReport({ vms: [missing, disabled, created] }))).toEqual([
      "gone MarkMissing",
      "old Disable",
      "new Create",
    ]);
  });
  it.each([
    ["held for approval", { removals: held }],
    ["under HOLD", { removals: { kind: "killSwitch" } }],
    ["not confirmed", { removals: { kind: "unconfirmed" } }],
  ] as const)("has no removal that is %s", (_why, change) => {
    expect(kindsOf(passReport({ vms: [missing, disabled, created], ...change }))).toEqual(["new Create"]);
  });
  it("has no new VM without a file, none that waits for the next pass, and nothing that could not be written", () => {
    const vms = [
      { ...created, job: undefined },
      vmReport("later", { decision: { kind: "createLater" } }),
      vmReport("full", { decision: { kind: "edit", because: ["Renamed"], edit: {} } }),
    ];
    const failedChanges = [{ slug: "full", reason: "NoSpace", detail: "full" }] as const;
    expect(kindsOf(passReport({ vms, failedChanges }))).toEqual([]);
  });
  it("has no Plugin line that waits for approval", () => {
    const vms = [vmReport("a", { fileSetEdit: "Plugin" }), vmReport("b", { fileSetEdit: "Options" })];
    expect(kindsOf(passReport({ vms }))).toEqual(["a Edit", "b Edit"]);
    const pluginEdits = { kind: "held", names: ["a"], token: "1-a" } as const;
    expect(kindsOf(passReport({ vms, pluginEdits }))).toEqual(["b Edit"]);
  });
  it("is in a dry run all that would be done", () => {
    const report = passReport({ vms: [missing, { ...created, job: undefined }] }, "DryRun");
    expect(kindsOf(report)).toEqual(["gone MarkMissing", "new Create"]);
  });
});
