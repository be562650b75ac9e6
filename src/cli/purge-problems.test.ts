import { describe, expect, it } from "vitest";
import type { Decision } from "../domain/lifecycle/decide-lifecycle.ts";
import type { PassReport, PurgeOutcome } from "../sync/pass-report.ts";
import { purgeProblems } from "./purge-problems.ts";

const PURGE: Decision = { kind: "purge" };
const obstacle = { kind: "UsedAsBase", jobIds: [7] } as const;

function linesOf(purge: PurgeOutcome | undefined, decision = PURGE): readonly string[] {
  const vms = [{ uuid: "u", name: "w\neb", decision, purge }];
  const report = { policy: { client: "fd1" }, outcome: { kind: "passed", vms } } as unknown as PassReport;
  return purgeProblems(report).map(({ level, fails, message }) => `${level} ${String(fails)} ${message}`);
}

describe("what purges ask of the reader of a sync's lines", () => {
  it("is a line for each file that stays on storage", () => {
    expect(linesOf({ kind: "purged", runs: 1, actionsRequired: ["ACTION REQUIRED: a", "ACTION REQUIRED: b"] })).toEqual(
      ["WARN false ACTION REQUIRED: a (fd1)", "WARN false ACTION REQUIRED: b (fd1)"],
    );
  });
  it("is why a VM is still there", () => {
    const words = "files of other jobs are kept as differences to its backups (JobId 7) (fd1)";
    expect(linesOf({ kind: "waits", reason: "x" })).toEqual([
      "WARN false the purge of w eb goes on in a later sync: x (fd1)",
    ]);
    expect(linesOf({ kind: "stopped", obstacle })).toEqual([`WARN false w eb is not purged: ${words}`]);
    expect(linesOf(undefined, { kind: "purgeBlocked", obstacle })).toEqual([`WARN false w eb is not purged: ${words}`]);
  });
  it("is nothing while nothing is due", () => {
    expect(linesOf(undefined, { kind: "unchanged" })).toEqual([]);
  });
});
