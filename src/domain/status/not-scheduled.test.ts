import { describe, expect, it } from "vitest";
import type { JobFile } from "../jobfile/job-file.ts";
import { isUnprotected } from "./is-unprotected.ts";
import { notScheduledMessage } from "./not-scheduled.ts";
import type { NotScheduled } from "./schedule-verdict.ts";
import type { VmFacts } from "./vm-facts.ts";
import { vmStatus } from "./vm-status.ts";

const now = Date.UTC(2026, 10, 24, 12);
const job: JobFile = {
  headers: {
    vm: "web01",
    uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
    datacenter: "datacenter1",
    openstack: "openstack1",
    client: "bacula-dc1-os1-fd",
    status: "active",
  },
  directives: { name: "backup-dc1-os1-web01", jobDefs: "Gold", fileSet: "fs", enabled: true },
};
const run = { jobId: 7, level: "F", status: "T", endTimeMs: now, bytes: 7, files: 3, fileSet: "fs" };
const active: VmFacts = {
  job,
  sighting: "live",
  wishes: { kind: "read", optedOut: false },
  decision: { kind: "unchanged" },
  jobDefs: { name: "Gold", from: "Client", basis: "judged" },
  publishing: { kind: "published" },
  history: { lastGood: run, lastRun: run },
  schedule: { kind: "scheduled" },
  blindMs: 0,
  policy: { graceDays: 14 },
};
const withEnabled = (enabled: boolean | undefined): JobFile => ({ ...job, directives: { ...job.directives, enabled } });
const because = (why: NotScheduled): VmFacts => ({ ...active, schedule: { kind: "notScheduled", because: why } });
const ready = (facts: VmFacts) => vmStatus(facts, now).conditions.find(({ type }) => type === "Ready");

describe("rule 7: a job that the Director does not run by itself", () => {
  it.each<readonly [NotScheduled, string]>([
    [{ kind: "jobDisabled" }, 'disabled in the console. Type there: enable job="backup-dc1-os1-web01"'],
    [{ kind: "noSchedule" }, "neither its file nor JobDefs Gold has a Schedule. Set schedule"],
    [
      { kind: "scheduleDisabled", schedule: "Weekly" },
      'Schedule Weekly is disabled. Type in the console: enable schedule="Weekly"',
    ],
    [{ kind: "clientDisabled", client: "fd" }, 'Client fd is disabled. Type in the console: enable client="fd"'],
    [{ kind: "scheduleWithoutRun", schedule: "Weekly" }, "Schedule Weekly has no run in the next year"],
    [{ kind: "hidden" }, "the Console may not see why"],
  ])("%j is NotScheduled with what to do, and unprotected; its phase stays", (why, message) => {
    const facts = because(why);
    expect(ready(facts)).toEqual({
      type: "Ready",
      status: "False",
      reason: "NotScheduled",
      message: expect.stringContaining(message),
    });
    expect(vmStatus(facts, now).phase).toBe("Active");
    expect(isUnprotected(facts, now)).toBe(true);
  });

  it("may have been disabled by its JobDefs where its file says nothing", () => {
    const facts = { ...because({ kind: "jobDisabled" }), job: withEnabled(undefined) };
    expect(notScheduledMessage(facts)).toContain("its JobDefs Gold or a person in the console disabled it");
  });

  it("is not one that its own file disables, whatever the Director shows or showed", () => {
    const stopped = because({ kind: "jobDisabled" });
    const before = vmStatus(stopped, now);
    for (const { schedule } of [stopped, { schedule: undefined }]) {
      const paused = { ...stopped, job: withEnabled(false), schedule, before };
      expect(ready(paused)?.reason).toBe("Succeeded");
      const disabled = { ...paused, job: { ...job, headers: { ...job.headers, status: "disabled" as const } } };
      expect(ready(disabled)?.reason).toBe("Disabled");
    }
  });

  it("stays what was shown while nothing is known, and ends when it runs", () => {
    const stopped = because({ kind: "noSchedule" });
    const before = vmStatus(stopped, now);
    const unknown = { ...active, schedule: undefined, before };
    expect(vmStatus(unknown, now)).toEqual(before);
    expect(isUnprotected(unknown, now)).toBe(true);
    expect(ready({ ...active, before })?.reason).toBe("Succeeded");
    expect(isUnprotected({ ...active, before }, now)).toBe(false);
    const well = { ...active, schedule: undefined, before: vmStatus(active, now) };
    expect(ready(well)?.reason).toBe("Succeeded");
    expect(isUnprotected(well, now)).toBe(false);
  });
});

describe("a job that the Director runs although its file disables it", () => {
  const stopped = { ...active, job: withEnabled(false) };
  const gone = { ...job.directives, enabled: false };
  const disabled = {
    ...active,
    sighting: "absent" as const,
    job: { headers: { ...job.headers, status: "disabled" as const }, directives: gone },
  };

  it.each([
    ["a person's pause", stopped, "Active"],
    ["one of a VM that is gone", disabled, "Disabled"],
    ["one of a VM that opted out", { ...stopped, wishes: { kind: "read", optedOut: true } as const }, "OptedOut"],
  ])("%s: is EnabledInConsole with what to do, also over a restart; its phase stays", (_, facts, phase) => {
    const running = { ...facts, schedule: { kind: "enabledInConsole" } as const };
    const message = expect.stringContaining('Type there: disable job="backup-dc1-os1-web01"');
    expect(ready(running)).toEqual({ type: "Ready", status: "False", reason: "EnabledInConsole", message });
    expect(vmStatus(running, now).phase).toBe(phase);
    const before = vmStatus(running, now);
    expect(ready({ ...facts, schedule: undefined, before })?.reason).toBe("EnabledInConsole");
    expect(ready({ ...facts, schedule: { kind: "disabledInFile" }, before })?.status).toBe("True");
    expect(isUnprotected(running, now)).toBe(phase === "Active");
  });

  it("is none that its file lets run, whatever was shown before", () => {
    const before = vmStatus({ ...stopped, schedule: { kind: "enabledInConsole" } }, now);
    expect(ready({ ...active, before })?.reason).toBe("Succeeded");
    expect(ready({ ...active, schedule: { kind: "enabledInConsole" } })?.reason).toBe("Succeeded");
  });
});
