import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobFile, JobHeaders } from "../jobfile/job-file.ts";
import { explainVm } from "./explain-vm.ts";
import { isUnprotected } from "./is-unprotected.ts";
import type { Outlook } from "./next-steps.ts";
import type { Run, VmFacts } from "./vm-facts.ts";
import { vmStatus } from "./vm-status.ts";
import { whyUnprotected } from "./why-unprotected.ts";

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 24, 12);
const job = (change: Partial<JobHeaders> = {}, enabled = true): JobFile => ({
  headers: {
    vm: "web01",
    uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
    datacenter: "datacenter1",
    openstack: "openstack1",
    client: "bacula-dc1-os1-fd",
    status: "active",
    ...change,
  },
  directives: { name: "backup-dc1-os1-web01", jobDefs: "Gold", fileSet: "fs-web01", schedule: "Daily", enabled },
});
const good: Run = { jobId: 7, level: "F", status: "T", endTimeMs: now - DAY, bytes: 76, files: 3, fileSet: "fs-web01" };
const facts: VmFacts = {
  job: job(),
  sighting: "live",
  wishes: { kind: "read", optedOut: false },
  decision: { kind: "unchanged" },
  jobDefs: { name: "Gold", from: "Tag", basis: "judged" },
  publishing: { kind: "published" },
  history: { lastGood: good, lastRun: good },
  schedule: { kind: "scheduled" },
  blindMs: 0,
  policy: { graceDays: 14, cleanupAfterDays: 90 },
};
const quiet: Outlook = { planned: [], coming: [], isContradicted: false };
const absent: Partial<VmFacts> = { sighting: "absent", wishes: undefined, job: job({ missingSince: now - DAY }) };

function explained(change: Partial<VmFacts>, outlook: Partial<Outlook> = {}) {
  const all = { ...facts, ...change };
  return explainVm(all, vmStatus(all, now), { ...quiet, ...outlook }, now);
}
const reasonsOf = (change: Partial<VmFacts>, outlook: Partial<Outlook> = {}) => {
  const { protection, because } = explained(change, outlook);
  return [protection, ...because.map(({ reason }) => reason)];
};

describe("why a VM is protected or not", () => {
  it.each<[string, Partial<VmFacts>, readonly string[]]>([
    ["all is well", {}, ["Protected", "Succeeded", "GoodBackup", "Accepted"]],
    [
      "opted out, no job",
      { wishes: { kind: "read", optedOut: true }, job: undefined, publishing: { kind: "none" } },
      ["OptedOut", "OptedOut", "OptedOut"],
    ],
    ["opted out", { wishes: { kind: "read", optedOut: true } }, ["OptedOut", "OptedOut", "GoodBackup"]],
    ["in grace", absent, ["NotListed", "Missing", "GoodBackup", "Kept"]],
    [
      "in grace and held",
      { ...absent, job: job({ missingSince: now - DAY, hold: "legal" }) },
      ["NotListed", "Missing", "Held", "GoodBackup", "Kept"],
    ],
    [
      "disabled",
      { ...absent, job: job({ missingSince: now - 20 * DAY, status: "disabled" }, false) },
      ["NotListed", "Missing", "Disabled", "GoodBackup", "Kept"],
    ],
    [
      "rejected, nothing in force",
      { publishing: { kind: "rejected", reason: "no Pool Nope", lastGoodPublished: false } },
      ["Unprotected", "Rejected", "GoodBackup", "Accepted"],
    ],
    [
      "rejected, the last good in force",
      { publishing: { kind: "rejected", reason: "no Pool Nope", lastGoodPublished: true } },
      ["Protected", "Rejected", "GoodBackup", "Accepted"],
    ],
    ["not published", { publishing: { kind: "pending" } }, ["Unprotected", "Pending", "GoodBackup", "Accepted"]],
    [
      "an edit not published",
      { publishing: { kind: "pending", lastGoodPublished: true } },
      ["Protected", "Pending", "Succeeded", "GoodBackup", "Accepted"],
    ],
    ["disabled by hand", { job: job({}, false) }, ["Unprotected", "DisabledInFile", "GoodBackup", "Accepted"]],
    [
      "disabled in the console",
      { schedule: { kind: "notScheduled", because: { kind: "jobDisabled" } } },
      ["Unprotected", "NotScheduled", "GoodBackup", "Accepted"],
    ],
    ["never run", { history: {} }, ["Unprotected", "NeverRun", "Accepted"]],
    ["no catalog", { history: undefined }, ["Unprotected", "CatalogUnavailable", "Accepted"]],
    [
      "its file is missing",
      { job: undefined, publishing: { kind: "none" }, decision: { kind: "leaveMissingFile" } },
      ["Unprotected", "JobFileMissing"],
    ],
    [
      "back, and not enabled yet",
      { job: job({ status: "disabled" }, false) },
      ["Unprotected", "Disabled", "GoodBackup", "Accepted"],
    ],
    ["suspended", { job: job({ suspend: "move" }) }, ["Protected", "Suspended", "Succeeded", "GoodBackup", "Accepted"]],
  ])("%s", (_case, change, expected) => {
    expect(reasonsOf(change)).toEqual(expected);
  });

  it("tells that a VM which is not listed has been backed up since", () => {
    expect(reasonsOf(absent, { isContradicted: true })).toContain("ContradictedByBackups");
  });
});

describe("what happens next", () => {
  const coming = [
    { step: "disable", atMs: now + DAY },
    { step: "purge", atMs: now + 9 * DAY },
  ] as const;

  it("has its times", () => {
    expect(explained(absent, { coming }).next).toEqual([
      { at: "2026-11-25T12:00:00Z", message: expect.stringContaining("disabled") },
      { at: "2026-12-03T12:00:00Z", message: expect.stringContaining("purged") },
    ]);
  });

  it("tells a step that is due now once", () => {
    const planned = [{ action: "Disable", reason: "absent for longer" }];
    const { next } = explained(absent, { planned, coming: [{ step: "disable", atMs: now }] });
    expect(next).toEqual([{ message: "The next sync: Disable (absent for longer)." }]);
  });

  it("tells what waits for a person, and that new VMs do not", () => {
    const planned = [
      { action: "MarkMissing", reason: "not listed any more", waits: "30 of 60 VMs are absent." },
      { action: "Create", reason: "new" },
    ];
    expect(explained(absent, { planned }).next).toEqual([
      { message: "MarkMissing waits (not listed any more): 30 of 60 VMs are absent." },
      { message: "The next sync: Create (new)." },
    ]);
  });

  it.each<[string, Partial<VmFacts>, string]>([
    ["protected", {}, "runs by Schedule Daily"],
    ["unseen", { sighting: "unseen" }, "can be seen again"],
    ["held and absent", { ...absent, job: job({ missingSince: now, hold: "legal" }) }, "released"],
    ["opted out", { wishes: { kind: "read", optedOut: true } }, "tag"],
    ["disabled by hand", { job: job({}, false) }, "a person enables"],
    ["disabled", { ...absent, job: job({ missingSince: now, status: "disabled" }, false) }, "listed again"],
  ])("has a sentence where nothing is due: %s", (_case, change, words) => {
    expect(explained(change).next).toEqual([{ message: expect.stringContaining(words) }]);
  });
});

describe("the causes of an unprotected VM", () => {
  const vmFacts: fc.Arbitrary<VmFacts> = fc.record({
    ...Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, fc.constant(value)])),
    job: fc.option(
      fc
        .record({ status: fc.constantFrom("active", "disabled"), enabled: fc.boolean(), missing: fc.boolean() })
        .map(({ status, enabled, missing }) =>
          job({ status: status === "active" ? "active" : "disabled", ...(missing && { missingSince: now }) }, enabled),
        ),
      { nil: undefined },
    ),
    sighting: fc.constantFrom("live", "absent", "unseen"),
    wishes: fc.option(
      fc.boolean().map((optedOut) => ({ kind: "read", optedOut })),
      { nil: undefined },
    ),
    decision: fc.constantFrom({ kind: "unchanged" }, { kind: "leaveMissingFile" }),
    publishing: fc.constantFrom(
      { kind: "published" },
      { kind: "none" },
      { kind: "pending", lastGoodPublished: true },
      { kind: "pending" },
      { kind: "rejected", reason: "r", lastGoodPublished: true },
      { kind: "rejected", reason: "r", lastGoodPublished: false },
    ),
    history: fc.constantFrom(
      undefined,
      {},
      { lastGood: good },
      { lastGood: { ...good, files: 0 } },
      { lastGood: { ...good, fileSet: "fs-other" } },
      { lastGood: { ...good, endTimeMs: now - 9 * DAY } },
      { lastRun: good },
    ),
    policy: fc.constantFrom({ graceDays: 14 }, { graceDays: 14, maxBackupAgeMs: 2 * DAY }),
    schedule: fc.constantFrom(
      undefined,
      { kind: "scheduled" },
      { kind: "notScheduled", because: { kind: "noSchedule" } },
    ),
  }) as fc.Arbitrary<VmFacts>;

  it("are there exactly when it counts as unprotected", () => {
    fc.assert(
      fc.property(vmFacts, (vm) => {
        expect(whyUnprotected(vm, now).length > 0).toBe(isUnprotected(vm, now));
      }),
      { numRuns: 2_000 },
    );
  });

  it("never leave a question without an answer, nor the same reason twice", () => {
    fc.assert(
      fc.property(vmFacts, (vm) => {
        const { protection, because, next } = explainVm(vm, vmStatus(vm, now), quiet, now);
        expect(next.length).toBeGreaterThan(0);
        expect(protection === "Unprotected").toBe(isUnprotected(vm, now));
        const messages = because.map(({ message }) => message);
        expect(new Set(messages).size).toBe(messages.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
