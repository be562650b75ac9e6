import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobDirectives, JobFile, JobHeaders } from "../jobfile/job-file.ts";
import {
  type DueFirstBackup,
  decideFirstBackups,
  hasFirstRun,
  type RunsOfJob,
  type VmAfterPass,
  wantsFirstBackup,
} from "./first-backups.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;
const CLIENT = { client: "bacula-dc1-os1-fd", jobPrefix: "backup-dc1-os1-" };

function job(headers: Partial<JobHeaders> = {}, directives: Partial<JobDirectives> = {}): JobFile {
  return {
    headers: {
      vm: "web01",
      uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
      datacenter: "datacenter1",
      openstack: "openstack1",
      client: CLIENT.client,
      status: "active",
      firstBackup: "wanted",
      ...headers,
    },
    directives: { name: "backup-dc1-os1-web01", client: CLIENT.client, enabled: true, ...directives },
  };
}

const waiting: VmAfterPass = {
  job: job(),
  sighting: "live",
  wishes: { kind: "read", optedOut: false },
  publishing: { kind: "published" },
};

describe("a first backup is wanted", () => {
  it("of a live VM whose enabled job is in the Director", () => {
    expect(wantsFirstBackup(waiting, CLIENT)).toBe(true);
    expect(wantsFirstBackup({ ...waiting, job: job({}, { enabled: undefined }) }, CLIENT)).toBe(true);
    expect(wantsFirstBackup({ ...waiting, job: job({ hold: "x", suspend: "backups go on" }) }, CLIENT)).toBe(true);
  });

  it.each<[string, Partial<VmAfterPass>]>([
    ["without the header, as adopted jobs are", { job: job({ firstBackup: undefined }) }],
    ["without a job", { job: undefined }],
    ["that is disabled", { job: job({ status: "disabled" }) }],
    ["that a person paused", { job: job({}, { enabled: false }) }],
    ["that is missing", { job: job({ missingSince: NOW }) }],
    ["that is absent", { sighting: "absent" }],
    ["that was not seen", { sighting: "unseen" }],
    ["that is opted out", { wishes: { kind: "read", optedOut: true } }],
    ["whose record can be read in two ways", { wishes: { kind: "ambiguous" } }],
    ["that was rejected", { publishing: { kind: "rejected" } }],
    ["that is not published yet", { publishing: { kind: "pending" } }],
    ["whose runs would be another client's", { job: job({}, { client: "bacula-dc1-os2-fd" }) }],
    ["whose runs would be no one's of this client", { job: job({}, { name: "mine" }) }],
  ])("not of one %s", (_case, change) => {
    expect(wantsFirstBackup({ ...waiting, ...change }, CLIENT)).toBe(false);
  });
});

describe("the first run of a job that was made 10 minutes ago", () => {
  const createdMs = NOW - 10 * MINUTE;
  const at = (minutesAgo: number) => ({ startTimeMs: NOW - minutesAgo * MINUTE });
  it.each<[string, RunsOfJob | undefined, boolean]>([
    ["is not there without a row", undefined, false],
    ["is not there when all runs are gone", {}, false],
    ["is one that ended well", { lastGood: at(9), lastRun: at(9) }, true],
    ["is one that failed: it is not repeated", { lastRun: at(9) }, true],
    ["is one that waits", { unfinished: [at(9)] }, true],
    ["is none from before: another VM had the name", { lastGood: at(600), lastRun: at(600) }, false],
    ["is one that waits, beside one from before", { lastRun: at(600), unfinished: [at(8)] }, true],
    ["may be told by a clock that is 4 minutes behind", { lastRun: at(14) }, true],
    ["is none that began over 5 minutes before", { lastRun: at(16) }, false],
  ])("%s", (_case, runs, expected) => {
    expect(hasFirstRun(createdMs, runs, NOW)).toBe(expected);
  });

  it("is any run where nothing says when the file was made, and one of now where it says the future", () => {
    expect(hasFirstRun(undefined, { lastRun: at(60 * 24 * 365) }, NOW)).toBe(true);
    expect(hasFirstRun(NOW + 86_400_000, { lastRun: at(1) }, NOW)).toBe(true);
  });
});

describe("which first backups start now", () => {
  const limits = { perClient: 2, total: 5 };
  const due = (client: string, jobName: string, more: Partial<DueFirstBackup> = {}): DueFirstBackup => ({
    client,
    jobName,
    ...more,
  });
  const names = (chosen: readonly DueFirstBackup[]) => chosen.map(({ jobName }) => jobName);

  it("two of a client, the oldest first", () => {
    const jobs = [due("a", "z", { createdMs: 1 }), due("a", "x", { createdMs: 2 }), due("a", "y", { createdMs: 2 })];
    expect(names(decideFirstBackups(jobs, new Map(), limits))).toEqual(["z", "x"]);
    expect(names(decideFirstBackups(jobs, new Map([["a", 1]]), limits))).toEqual(["z"]);
    expect(names(decideFirstBackups(jobs, new Map([["a", 2]]), limits))).toEqual([]);
  });

  it("five of all clients, in turns", () => {
    const jobs = ["a", "b", "c"].flatMap((client) => [1, 2, 3].map((n) => due(client, `${client}${n}`)));
    expect(names(decideFirstBackups(jobs, new Map(), limits))).toEqual(["a1", "b1", "c1", "a2", "b2"]);
    const running = new Map([
      ["a", 1],
      ["elsewhere", 2],
    ]);
    expect(names(decideFirstBackups(jobs, running, limits))).toEqual(["b1", "c1"]);
  });

  it("one that did not start before comes after all others", () => {
    const jobs = [due("a", "x", { triedMs: 5, createdMs: 1 }), due("a", "y", { createdMs: 2 })];
    expect(names(decideFirstBackups(jobs, new Map(), { perClient: 1, total: 1 }))).toEqual(["y"]);
  });

  it("never exceeds a limit, starts nothing twice, and leaves none waiting that fits", () => {
    const clients = fc.constantFrom("a", "b", "c", "d");
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ client: clients, number: fc.nat(20), createdMs: fc.nat(3) }), {
          selector: ({ client, number }) => `${client}${number}`,
          maxLength: 30,
        }),
        fc.dictionary(clients, fc.nat(4)),
        fc.record({ perClient: fc.integer({ min: 1, max: 4 }), total: fc.integer({ min: 1, max: 8 }) }),
        (jobs, runningBy, by) => {
          const all = jobs.map(({ client, number, createdMs }) => due(client, `${client}${number}`, { createdMs }));
          const running = new Map(Object.entries(runningBy));
          const chosen = decideFirstBackups(all, running, by);
          expect(new Set(chosen).size).toBe(chosen.length);
          expect(all).toEqual(expect.arrayContaining([...chosen]));
          const counts = new Map(running);
          for (const { client } of chosen) {
            counts.set(client, (counts.get(client) ?? 0) + 1);
            expect(counts.get(client)).toBeLessThanOrEqual(by.perClient);
          }
          const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
          expect(chosen.length === 0 || total <= by.total).toBe(true);
          for (const { client } of all.filter((one) => !chosen.includes(one)))
            expect(total >= by.total || (counts.get(client) ?? 0) >= by.perClient).toBe(true);
        },
      ),
    );
  });
});
