import { describe, expect, it } from "vitest";
import type { VmAnswer } from "./vm-answer.ts";
import { whyLines } from "./why-text.ts";

const answer: VmAnswer = {
  vm: "web01",
  uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
  client: "bacula-dc1-os1-fd",
  protection: "Unprotected",
  phase: "Rejected",
  because: [
    { reason: "Rejected", message: "Pool \u001b[2J is unknown." },
    { reason: "NeverRun", message: "Its job has not run yet." },
  ],
  next: [{ message: "Correct its files." }, { at: "2026-12-24T12:00:00Z", message: "It is disabled." }],
};

describe("the answer to why, as text", () => {
  it("has a line for each fact, cause and step, and none of a file's control characters", () => {
    expect(whyLines(answer)).toEqual([
      "VM web01 (014c5892-5efb-4efb-bd60-4e038800475d) of bacula-dc1-os1-fd is NOT protected.",
      "  Phase:       Rejected",
      "  Job:         none",
      "  Last backup: none",
      "  Why:         Pool ?[2J is unknown. [Rejected]",
      "               Its job has not run yet. [NeverRun]",
      "  Next:        Correct its files.",
      "               2026-12-24T12:00:00Z: It is disabled.",
    ]);
  });

  it("tells a last run only when it is not the last good backup, and since when a client is not seen", () => {
    const lastBackup = { jobId: 7, level: "F", status: "T", endTime: "2026-11-23T12:00:00Z", bytes: 76 };
    const run = { status: "f", endTime: "2026-11-24T12:00:00Z" };
    const told = (lastRun: VmAnswer["lastRun"]) =>
      whyLines({ ...answer, lastBackup, ...(lastRun !== undefined && { lastRun }), clientLastSeen: run.endTime });
    expect(told({ ...run, jobId: 9 })).toContain("  Last run:    JobId 9, status f, ended 2026-11-24T12:00:00Z");
    expect(told({ ...run, jobId: 7 }).join("\n")).not.toContain("Last run");
    expect(told(undefined)).toContain("  Last seen:   discovery last worked 2026-11-24T12:00:00Z");
  });
});
