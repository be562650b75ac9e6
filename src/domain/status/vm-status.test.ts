import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobFile, JobHeaders } from "../jobfile/job-file.ts";
import { VmCounter } from "./count-vms.ts";
import { isUnprotected } from "./is-unprotected.ts";
import { VM_CONDITIONS, VM_REASONS } from "./reasons.ts";
import type { Run, VmFacts } from "./vm-facts.ts";
import { vmStatus } from "./vm-status.ts";

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 24, 12);
const at = (iso: string) => Date.parse(iso);

const headers: JobHeaders = {
  vm: "web01",
  uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "bacula-dc1-os1-fd",
  status: "active",
};
const job = (change: Partial<JobHeaders> = {}, enabled = true): JobFile => ({
  headers: { ...headers, ...change },
  directives: { name: "backup-dc1-os1-web01", jobDefs: "Gold", fileSet: "fs-web01", enabled },
});
const good: Run = {
  jobId: 7,
  level: "F",
  status: "T",
  endTimeMs: now - DAY,
  bytes: 76,
  files: 3,
  fileSet: "fs-web01",
};
const failed: Run = { ...good, jobId: 9, status: "f", files: 0 };

const active: VmFacts = {
  job: job(),
  sighting: "live",
  wishes: { kind: "read", optedOut: false },
  decision: { kind: "unchanged" },
  jobDefs: { name: "Gold", from: "Client", basis: "judged" },
  publishing: { kind: "published" },
  history: { lastGood: good, lastRun: failed },
  blindMs: 0,
  policy: { graceDays: 14, cleanupAfterDays: 90 },
};
const optOut = { kind: "read", optedOut: true } as const;
const missing: Partial<VmFacts> = { sighting: "absent", wishes: undefined, job: job({ missingSince: now - DAY }) };

const stopped = { kind: "notScheduled", because: { kind: "jobDisabled" } } as const;

const shadowedBefore = vmStatus({ ...active, shadowed: ["pool"] }, now);

/** The phase, and `Type=Status/Reason` of each condition. */
function shownBy(change: Partial<VmFacts>): readonly string[] {
  const { phase, conditions } = vmStatus({ ...active, ...change }, now);
  return [phase, ...conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`)];
}

describe("the status of a ManagedVM", () => {
  it("mirrors its job file and the catalog", () => {
    expect(vmStatus(active, now)).toEqual({
      phase: "Active",
      jobName: "backup-dc1-os1-web01",
      fileSetName: "fs-web01",
      jobDefs: { name: "Gold", from: "Client" },
      lastBackup: { jobId: 7, level: "F", status: "T", endTime: "2026-11-23T12:00:00Z", bytes: 76 },
      lastRun: { jobId: 9, status: "f", endTime: "2026-11-23T12:00:00Z" },
      conditions: [
        { type: "Ready", status: "True", reason: "Succeeded", message: "Job backup-dc1-os1-web01 backs up this VM." },
        {
          type: "Published",
          status: "True",
          reason: "Published",
          message: "The Director has job backup-dc1-os1-web01.",
        },
        { type: "BackedUp", status: "True", reason: "GoodBackup", message: "JobId 7 is the last good backup." },
        { type: "PolicyAccepted", status: "True", reason: "Accepted", message: "JobDefs Gold is in force." },
      ],
    });
  });

  it.each<[string, Partial<VmFacts>, readonly string[]]>([
    ["a missing VM", missing, ["Missing", "Ready=False/Missing", "PolicyAccepted=True/Kept"]],
    [
      "a disabled one",
      { ...missing, job: job({ missingSince: now - 20 * DAY, status: "disabled", disabled: now - 6 * DAY }, false) },
      ["Disabled", "Ready=True/Disabled"],
    ],
    ["one that opted out", { wishes: optOut }, ["OptedOut", "Ready=True/OptedOut", "Published=True/Published"]],
    [
      "one that opted out and never had a job",
      { wishes: optOut, job: undefined, publishing: { kind: "none" }, decision: { kind: "optedOut" } },
      ["OptedOut", "Ready=True/OptedOut", "Published=False/OptedOut"],
    ],
    [
      "one whose change was refused",
      { publishing: { kind: "rejected", reason: "no Pool X", lastGoodPublished: true } },
      ["Rejected", "Ready=False/Rejected", "Published=False/Rejected", "Stalled=True/Rejected"],
    ],
    ["one that is purged", { ...missing, isPurging: true }, ["Purging", "Ready=False/Purging"]],
    [
      "a new one on its way",
      { publishing: { kind: "pending" }, history: {} },
      ["Active", "Published=False/Pending", "BackedUp=False/NeverRun", "Reconciling=True/Progressing"],
    ],
    [
      "one whose job is not written yet",
      { job: undefined, publishing: { kind: "none" }, decision: { kind: "create" } },
      ["Active", "Ready=Unknown/Progressing", "Published=False/Pending", "Reconciling=True/Progressing"],
    ],
    [
      "one whose job file was taken away",
      { job: undefined, publishing: { kind: "none" }, decision: { kind: "leaveMissingFile" } },
      ["Active", "Ready=False/JobFileMissing", "Published=False/Pending"],
    ],
    [
      "one whose tags changed again too soon",
      { tagChangeWaitsUntilMs: now + DAY },
      ["Active", "Ready=True/Succeeded", "PolicyAccepted=False/TagChangeWaits"],
    ],
    [
      "one that wants to opt in again too soon",
      { wishes: optOut, job: undefined, tagChangeWaitsUntilMs: now + DAY, publishing: { kind: "none" } },
      ["OptedOut", "PolicyAccepted=False/TagChangeWaits"],
    ],
    ["one without a good run", { history: { lastRun: failed } }, ["BackedUp=False/NoGoodBackup"]],
    ["one whose run had no files", { history: { lastGood: { ...good, files: 0 } } }, ["BackedUp=False/NoGoodBackup"]],
    [
      "one with a backup of another FileSet",
      { history: { lastGood: { ...good, fileSet: "fs-old" } } },
      ["BackedUp=False/OtherFileSet"],
    ],
    [
      "one with an old backup",
      { policy: { graceDays: 14, maxBackupAgeMs: DAY - 1 } },
      ["Active", "Ready=True/Succeeded", "BackedUp=False/TooOld"],
    ],
    [
      "one with a backup just young enough",
      { policy: { graceDays: 14, maxBackupAgeMs: DAY } },
      ["BackedUp=True/GoodBackup"],
    ],
    ["one of which the catalog tells nothing", { history: undefined }, ["BackedUp=Unknown/CatalogUnavailable"]],
    [
      "one whose tag is not allowed",
      {
        jobDefs: {
          name: "Gold",
          from: "Client",
          basis: "judged",
          refused: { name: "x\n", from: "Tag", reason: "NotAllowed" },
        },
      },
      ["Active", "Ready=True/Succeeded", "PolicyAccepted=False/NotAllowed"],
    ],
    ["one whose file shadows its tag", { shadowed: ["pool"] }, ["PolicyAccepted=False/Shadowed"]],
    [
      "one of which that was known, and is not known now",
      { jobDefs: { name: "Gold", from: "Tag", basis: "kept" }, before: shadowedBefore },
      ["PolicyAccepted=False/Shadowed"],
    ],
    [
      "one of which that was known, and is no more",
      { jobDefs: { name: "Gold", from: "Tag", basis: "kept" }, shadowed: [], before: shadowedBefore },
      ["PolicyAccepted=True/Accepted"],
    ],
    [
      "one whose tag could not be judged",
      {
        wishes: { kind: "read", optedOut: false, jobDefsTag: "Silver" },
        jobDefs: { name: "Gold", from: "Client", basis: "kept" },
      },
      ["PolicyAccepted=Unknown/NotJudged"],
    ],
    ["a suspended one", { job: job({ suspend: "move" }) }, ["Active", "Ready=True/Succeeded", "Paused=True/Suspended"]],
    ["one that a person paused", { job: job({}, false) }, ["Active", "Paused=True/DisabledInFile"]],
    ["one that will not run", { schedule: stopped }, ["Active", "Ready=False/NotScheduled"]],
  ])("of %s", (_what, change, expected) => {
    expect(shownBy(change)).toEqual(expect.arrayContaining([...expected]));
  });

  it("takes the first phase that holds", () => {
    const all: Partial<VmFacts> = {
      job: job({ status: "disabled", missingSince: now - DAY }),
      wishes: optOut,
      publishing: { kind: "rejected", reason: "x", lastGoodPublished: false },
      isPurging: true,
    };
    const without = [
      {},
      { isPurging: false },
      { isPurging: false, publishing: active.publishing },
      { isPurging: false, publishing: active.publishing, wishes: active.wishes },
      { isPurging: false, publishing: active.publishing, wishes: active.wishes, job: job({ missingSince: now }) },
      { isPurging: false, publishing: active.publishing, wishes: active.wishes, job: job() },
    ];
    expect(without.map((change) => shownBy({ ...all, ...change })[0])).toEqual([
      "Purging",
      "Rejected",
      "OptedOut",
      "Disabled",
      "Missing",
      "Active",
    ]);
  });

  it("of a VM that had opted out and is gone is that of any that is gone", () => {
    const before = vmStatus({ ...active, wishes: optOut }, now);
    expect(shownBy({ ...missing, before })[0]).toBe("Missing");
  });
  it("of a VM whose record can be read in two ways stays opted out", () => {
    const before = vmStatus({ ...active, wishes: optOut }, now);
    expect(shownBy({ wishes: { kind: "ambiguous" }, before })[0]).toBe("OptedOut");
  });

  it("tells when an absence leads to what", () => {
    const since = at("2026-11-20T00:00:00Z");
    const gone = { ...active, ...missing };
    expect(vmStatus({ ...gone, job: job({ missingSince: since }), blindMs: DAY / 2 }, now)).toMatchObject({
      missingSince: "2026-11-20T00:00:00Z",
      disableAt: "2026-12-04T12:00:00Z",
      purgeAt: "2027-03-04T12:00:00Z",
    });
    const disabled = job({ missingSince: since, status: "disabled", disabled: at("2026-12-05T00:00:00Z") }, false);
    expect(vmStatus({ ...gone, job: disabled }, now)).toMatchObject({
      disabledSince: "2026-12-05T00:00:00Z",
      purgeAt: "2027-03-05T00:00:00Z",
    });
    expect(vmStatus({ ...gone, job: disabled }, now)).not.toHaveProperty("disableAt");
  });
  it.each([{ hold: "legal" }, { suspend: "move" }])("tells no deadline of a VM with %j", (control) => {
    const status = vmStatus({ ...active, ...missing, job: job({ missingSince: now - DAY, ...control }) }, now);
    expect(status).toMatchObject({ phase: "Missing", missingSince: "2026-11-23T12:00:00Z" });
    expect(status).not.toHaveProperty("disableAt");
    expect(status).not.toHaveProperty("purgeAt");
  });
  it("tells no purge without cleanupAfterDays", () => {
    expect(vmStatus({ ...active, ...missing, policy: { graceDays: 14 } }, now)).not.toHaveProperty("purgeAt");
  });
});

describe("who chose the JobDefs", () => {
  it.each<[string, Partial<VmFacts>, string]>([
    ["is what was judged", { jobDefs: { name: "Gold", from: "Tag", basis: "judged" } }, "Tag"],
    [
      "is the tag of that name, also unjudged",
      { wishes: { kind: "read", optedOut: false, jobDefsTag: "Gold" } },
      "Tag",
    ],
    ["is the person of the header, also unjudged", { job: job({ jobDefs: "Gold" }) }, "Person"],
  ])("%s", (_what, change, from) => {
    const kept = { name: "Gold", from: "Client", basis: "kept" } as const;
    expect(vmStatus({ ...active, jobDefs: kept, ...change }, now).jobDefs).toEqual({ name: "Gold", from });
  });
});

describe("trouble of the whole client changes nothing on its VMs", () => {
  const statuses: readonly [string, VmFacts][] = [
    ["an active one", active],
    ["one that opted out", { ...active, wishes: optOut }],
    ["one with a tag", { ...active, jobDefs: { name: "Gold", from: "Tag", basis: "judged" } }],
    ["a missing one", { ...active, ...missing }],
    ["one never backed up", { ...active, history: {} }],
  ];
  it.each(statuses)("%s", (_what, facts) => {
    const before = vmStatus(facts, now);
    const blind: VmFacts = {
      ...facts,
      sighting: "unseen",
      wishes: undefined,
      jobDefs: { name: "Gold", from: "Client", basis: "kept" },
      history: undefined,
      before,
    };
    expect(vmStatus(blind, now + DAY)).toEqual(before);
    expect(isUnprotected(blind, now)).toBe(isUnprotected(facts, now));
  });
});

describe("a VM is unprotected", () => {
  it.each<[string, Partial<VmFacts>, boolean]>([
    ["not with a published job and a good backup", {}, false],
    ["without a job", { job: undefined, publishing: { kind: "none" } }, true],
    ["while its first job is not published", { publishing: { kind: "pending" } }, true],
    ["not while a change of its job waits", { publishing: { kind: "pending", lastGoodPublished: true } }, false],
    [
      "when refused without a last good job",
      { publishing: { kind: "rejected", reason: "", lastGoodPublished: false } },
      true,
    ],
    [
      "not with the last good job in force",
      { publishing: { kind: "rejected", reason: "", lastGoodPublished: true } },
      false,
    ],
    ["with a job that a person disabled", { job: job({}, false) }, true],
    ["with a job whose file says disabled", { job: job({ status: "disabled" }) }, true],
    ["with a job that has no next run", { schedule: stopped }, true],
    ["without any backup", { history: {} }, true],
    ["with failed backups only", { history: { lastRun: failed } }, true],
    ["with a backup of another FileSet", { history: { lastGood: { ...good, fileSet: "x" } } }, true],
    ["with a backup that is too old", { policy: { graceDays: 1, maxBackupAgeMs: DAY - 1 } }, true],
    ["when nothing was ever known of its backups", { history: undefined }, true],
    ["not when it opted out", { wishes: optOut, history: {} }, false],
    ["not when it is gone", { ...missing, history: {} }, false],
    [
      "not when discovery fails and its job was disabled before",
      { sighting: "unseen", wishes: undefined, history: {}, job: job({ status: "disabled" }, false) },
      false,
    ],
    ["when discovery fails, as before", { sighting: "unseen", wishes: undefined, history: {} }, true],
  ])("%s", (_what, change, expected) => {
    expect(isUnprotected({ ...active, ...change }, now)).toBe(expected);
  });
});

describe("counts", () => {
  it("are by phase, with the held and the unprotected beside", () => {
    const facts: readonly VmFacts[] = [
      active,
      { ...active, history: {} },
      { ...active, wishes: optOut },
      { ...active, ...missing },
      { ...active, ...missing, job: job({ missingSince: now, hold: "legal" }) },
      { ...active, ...missing, job: job({ missingSince: now, status: "disabled" }, false) },
      { ...active, publishing: { kind: "rejected", reason: "x", lastGoodPublished: true } },
      { ...active, ...missing, isPurging: true },
    ];
    const vms = facts.map((one) => ({ facts: one, status: vmStatus(one, now) }));
    const counter = new VmCounter(now);
    for (const vm of vms) counter.add(vm);
    expect(counter.counts).toEqual({
      live: 4,
      active: 2,
      missing: 2,
      disabled: 1,
      optedOut: 1,
      rejected: 1,
      held: 1,
      unprotected: 1,
    });
  });
});

const run: fc.Arbitrary<Run> = fc.record({
  jobId: fc.nat(),
  level: fc.constantFrom("F", "I"),
  status: fc.constantFrom("T", "W", "f"),
  endTimeMs: fc.integer({ min: 0, max: now }),
  bytes: fc.nat(),
  files: fc.nat(2),
  fileSet: fc.constantFrom("fs-web01", "fs-other"),
});
const time = fc.option(fc.integer({ min: 0, max: now }), { nil: undefined });
const word = fc.option(fc.constantFrom("a"), { nil: undefined });
const anyJob: fc.Arbitrary<JobFile> = fc
  .tuple(
    fc.record({
      status: fc.constantFrom<"active" | "disabled">("active", "disabled"),
      missingSince: time,
      disabled: time,
      hold: word,
      suspend: word,
      jobDefs: word,
    }),
    fc.boolean(),
  )
  .map(([change, enabled]) => job(change, enabled));
const anyFacts: fc.Arbitrary<VmFacts> = fc.record({
  job: fc.option(anyJob, { nil: undefined }),
  sighting: fc.constantFrom("live", "absent", "unseen"),
  wishes: fc.constantFrom<VmFacts["wishes"]>(undefined, { kind: "ambiguous" }, optOut, active.wishes),
  decision: fc.record({ kind: fc.constantFrom("create", "unchanged", "leaveMissingFile", "optedOut") }),
  jobDefs: fc.constantFrom<VmFacts["jobDefs"]>(active.jobDefs, { name: "Gold", from: "Tag", basis: "kept" }),
  publishing: fc.constantFrom<VmFacts["publishing"]>(
    { kind: "published" },
    { kind: "none" },
    { kind: "pending" },
    { kind: "rejected", reason: "no Pool", lastGoodPublished: true },
  ),
  history: fc.option(
    fc.record({ lastGood: fc.option(run, { nil: undefined }), lastRun: fc.option(run, { nil: undefined }) }),
    { nil: undefined },
  ),
  blindMs: fc.nat(),
  policy: fc.record({ graceDays: fc.nat(36_500), maxBackupAgeMs: fc.option(fc.nat(), { nil: undefined }) }),
});

describe("whatever the facts are", () => {
  it("Ready follows the phase, unless the job is not there or will not run", () => {
    const readyIn = {
      Active: "True",
      Disabled: "True",
      OptedOut: "True",
      Missing: "False",
      Rejected: "False",
      Purging: "False",
    };
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { phase, conditions } = vmStatus(facts, now);
        const ready = conditions.find(({ type }) => type === "Ready");
        expect(ready?.status === "True").toBe(
          readyIn[phase] === "True" && (phase !== "Active" || facts.job !== undefined),
        );
      }),
    );
  });
  it("each type is there once, Reconciling, Stalled and Paused only while True, every reason is documented", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { conditions } = vmStatus(facts, now);
        const types = conditions.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        for (const { type, status, reason, message } of conditions) {
          expect(VM_CONDITIONS).toHaveProperty(type);
          expect(VM_REASONS).toHaveProperty(reason);
          expect(message).not.toMatch(/\d\d:\d\d|\d{4}-\d\d|\d+ (second|minute|hour|day)/u);
          expect(["Reconciling", "Stalled", "Paused"].includes(type) && status !== "True").toBe(false);
        }
      }),
    );
  });
  it("time alone changes nothing but the age of the last backup", () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(), (facts, laterMs) => {
        const ageless = { ...facts, policy: { ...facts.policy, maxBackupAgeMs: undefined } };
        expect(vmStatus(ageless, now + laterMs)).toEqual(vmStatus(ageless, now));
      }),
    );
  });
  it("the same facts give the same status", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(vmStatus(structuredClone(facts), now)).toEqual(vmStatus(facts, now));
      }),
    );
  });
  it("a VM that is backed up and whose job works is never unprotected, and an unprotected one is live", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const status = vmStatus(facts, now);
        const is = (wanted: string) => status.conditions.some((one) => one.type === wanted && one.status === "True");
        const works = is("BackedUp") && is("Published") && !is("Paused") && status.phase === "Active";
        const unprotected = isUnprotected(facts, now);
        expect(works && unprotected && facts.job?.directives.enabled === true).toBe(false);
        expect(unprotected && (facts.sighting === "absent" || status.phase === "OptedOut")).toBe(false);
      }),
    );
  });
});
