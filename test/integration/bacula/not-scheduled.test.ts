import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { createDirector } from "../../../src/bacula/director.ts";
import { projectVms } from "../../../src/controllers/managed-vm/project-vms.ts";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { Discovery } from "../../../src/domain/discovery/discovery.ts";
import { VmCounter } from "../../../src/domain/status/count-vms.ts";
import type { BackupRun, CatalogHistory, Director } from "../../../src/sync/ports.ts";
import { SyncRunner } from "../../../src/sync/sync-runner.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { FRONT_END, POLICY } from "../../support/policy.ts";
import { listed, vm } from "../../support/sync/played-world.ts";

const never = new AbortController().signal;
const HOUR = 3_600_000;
const JOB_DEFS_OFF = `JobDefs {
  Name = "Off"
  Type = Backup
  Level = Full
  Schedule = "WeeklyCycle"
  Enabled = no
}
Schedule {
  Name = "Never"
}
`;
const job = (number: number) => `backup-dc1-os1-vm${number}`;

let bed: BaculaBed;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "bacula-not-scheduled" });
  await bed.addDirectorConf(JOB_DEFS_OFF);
  await bed.console("reload");
}, 300_000);
afterAll(() => bed?.wipe());

function directorAs(bconsoleConf = bed.restrictedBconsoleConf): Director {
  return createDirector({
    bconsolePath: bed.bconsolePath,
    bconsoleConf,
    timeoutMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
    clock: Date,
  });
}

interface Site {
  policy: ClientPolicy;
  discovery: Discovery;
  /** How often the Director was asked for next runs. */
  asked: number;
}

/** A process of its own that keeps these VMs on the real Director; each has a good backup, so that only its job counts. */
function operator() {
  const clock = { at: Date.now(), now: () => clock.at };
  const director = directorAs();
  const site: Site = { policy: POLICY, discovery: listed(vm(1), vm(2), vm(3)), asked: 0 };
  const backup = (fileSet: string): BackupRun => {
    const times = { startTimeMs: clock.at - HOUR, endTimeMs: clock.at - HOUR };
    return { jobId: 1, level: "F", status: "T", bytes: 1, files: 1, fileSet, ...times };
  };
  const goodRun = (number: number) => [job(number), backup(`fs-datacenter1-openstack1-vm${number}`)] as const;
  const history = (): CatalogHistory =>
    new Map([1, 2, 3].map(goodRun).map(([name, run]) => [name, { lastGood: run, lastRun: run }]));
  const ports = {
    director: {
      ...director,
      listVms: async () => site.discovery,
      nextRuns: async (...question: Parameters<Director["nextRuns"]>) => {
        const answer = await director.nextRuns(...question);
        site.asked++;
        return answer;
      },
    },
    catalog: { history: async () => ({ kind: "read", history: history(), catalogNowMs: clock.at }) as const },
    volume: createVolume({
      baseDir: bed.baseDir,
      directorBaseDir: bed.baseDir,
      timeZone: "UTC",
      lockWaitMs: 5_000,
      clock,
      newId: randomUUID,
    }),
    clock,
  };
  const runner = new SyncRunner(ports, { gatherMs: 0, signal: never });

  /** One pass: which VMs' jobs are NotScheduled or EnabledInConsole, with what the message says, and how many VMs are unprotected. */
  async function pass() {
    const { policy } = site;
    const request = { policy, personal: () => () => undefined, maxSightGapMs: 9 * HOUR, frontEnd: FRONT_END };
    const { outcome } = await runner.run(request, never);
    if (outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(outcome)}`);
    const context = { policy, history: history(), before: () => undefined, now: clock.at };
    const vms = [...projectVms(outcome.vms, context)];
    const notScheduled = vms.flatMap(({ status: { conditions, jobName, phase } }) => {
      const ready = conditions.find(({ type }) => type === "Ready");
      return ready?.reason === "NotScheduled" || ready?.reason === "EnabledInConsole"
        ? [`${jobName} ${phase} ${ready.status}: ${ready.message}`]
        : [];
    });
    const counter = new VmCounter(clock.at);
    for (const vm of vms) counter.add(vm);
    return { notScheduled, unprotected: counter.counts.unprotected };
  }

  /** What is shown after the Director was asked anew: an hour later, by the pass after the one that asked. */
  async function anHourLater() {
    const { asked } = site;
    clock.at += HOUR;
    await pass();
    await vi.waitFor(() => expect(site.asked).toBe(asked + 1), { timeout: 20_000 });
    return pass();
  }

  return { clock, site, pass, anHourLater };
}

const well = { notScheduled: [], unprotected: 0 };

async function editJob(number: number, edit: (text: string) => string): Promise<void> {
  const path = join(bed.baseDir, `datacenter1/openstack1/vm${number}/job`);
  const before = await readFile(path, "utf8");
  expect(edit(before)).not.toBe(before);
  await writeFile(path, edit(before));
}

describe("rule 7: a job that the Director does not run by itself", () => {
  it("is one that was disabled in the console; enabled again, it is well an hour later", async () => {
    const { clock, site, pass, anHourLater } = operator();
    expect(await anHourLater()).toEqual(well);
    await bed.console(`disable job=${job(2)}`);
    expect(await pass()).toEqual(well);
    expect(await anHourLater()).toEqual({
      notScheduled: [expect.stringMatching(/^backup-dc1-os1-vm2 Active False: .*Type there: enable job="/)],
      unprotected: 1,
    });
    await bed.console(`enable job=${job(2)}`);
    clock.at += HOUR - 1;
    expect(await pass()).toMatchObject({ unprotected: 1 });
    expect(site.asked).toBe(2);
    expect(await anHourLater()).toEqual(well);
  });

  it.each([
    ["whose Client is disabled", "client=bacula-dc1-os1-fd", "Client bacula-dc1-os1-fd is disabled"],
    ["whose Schedule is disabled", "schedule=WeeklyCycle", "Schedule WeeklyCycle is disabled"],
  ])("is one %s in the console", async (_what, resource, message) => {
    const { anHourLater } = operator();
    await bed.console(`disable ${resource}`);
    const shown = await anHourLater();
    await bed.console(`enable ${resource}`);
    expect(shown).toEqual({
      notScheduled: [1, 2, 3].map((number) => expect.stringContaining(`${job(number)} will not run: ${message}`)),
      unprotected: 3,
    });
    expect(await anHourLater()).toEqual(well);
  });

  it("is one that has no Schedule, until its policy has one, which is asked about at once", async () => {
    const { site, pass, anHourLater } = operator();
    await anHourLater();
    site.policy = { ...POLICY, schedule: "" };
    await pass();
    await vi.waitFor(() => expect(site.asked).toBe(2), { timeout: 20_000 });
    expect(await pass()).toEqual({
      notScheduled: [1, 2, 3].map(() =>
        expect.stringContaining("neither its file nor JobDefs DefaultJob has a Schedule"),
      ),
      unprotected: 3,
    });
    site.policy = { ...POLICY, schedule: "Never" };
    await pass();
    await vi.waitFor(() => expect(site.asked).toBe(3), { timeout: 20_000 });
    expect(await pass()).toEqual({
      notScheduled: [1, 2, 3].map(() => expect.stringContaining("Schedule Never has no run in the next year")),
      unprotected: 3,
    });
    site.policy = POLICY;
    await pass();
    await vi.waitFor(() => expect(site.asked).toBe(4), { timeout: 20_000 });
    expect(await pass()).toEqual(well);
  });

  it("is one that its JobDefs disables, unless its own file says Enabled = yes", async () => {
    const { site, anHourLater } = operator();
    // Not the one that was enabled in the console: that goes before what any file says, until the Director restarts.
    site.discovery = listed(vm(1), vm(2), vm(3, "vm3", { jobDefsTag: "Off" }));
    expect(await anHourLater()).toEqual(well);
    expect(await bed.console(`show job=${job(3)}`)).toContain("JobType=66 level=Full");
    await editJob(3, (text) => text.replace(/^ *Enabled .*\n/m, ""));
    expect(await anHourLater()).toEqual({
      notScheduled: [expect.stringContaining("its JobDefs Off or a person in the console disabled it")],
      unprotected: 1,
    });
    await editJob(3, (text) => text.replace(/^}/m, "  Enabled    = yes\n}"));
    expect(await anHourLater()).toEqual(well);
  });

  it("is not one that a person paused in its own file", async () => {
    const { anHourLater } = operator();
    expect(await anHourLater()).toEqual(well);
    await editJob(3, (text) => text.replace("= yes", "= no"));
    const shown = await anHourLater();
    expect(await bed.console("show disabled")).toContain(job(3));
    await editJob(3, (text) => text.replace("= no", "= yes"));
    expect(shown).toEqual({ notScheduled: [], unprotected: 1 });
    expect(await anHourLater()).toEqual(well);
  });
});

describe("rule 7: a job that the Director runs although its file disables it", () => {
  it("is one that was enabled in the console, until it is disabled there", async () => {
    const { anHourLater } = operator();
    await bed.console(`enable job=${job(2)}`);
    expect(await anHourLater()).toEqual(well);
    await editJob(2, (text) => text.replace("= yes", "= no"));
    const shown = await anHourLater();
    expect(await bed.console("show disabled")).not.toContain(job(2));
    await bed.console(`disable job=${job(2)}`);
    const mended = await anHourLater();
    await bed.console(`enable job=${job(2)}`);
    await editJob(2, (text) => text.replace("= no", "= yes"));
    expect(shown).toEqual({
      notScheduled: [expect.stringMatching(/vm2 Active False: .*although its file says.*disable job="/)],
      unprotected: 1,
    });
    expect(mended).toEqual({ notScheduled: [], unprotected: 1 });
    expect(await anHourLater()).toEqual(well);
  });
});

describe("a Console that may not see all", () => {
  async function consoleWith(name: string, acl: string): Promise<Director> {
    await bed.addDirectorConf(`Console {\n  Name = ${name}\n  Password = "pw"\n  JobACL = *all*\n  ${acl}\n}`);
    await bed.console("reload");
    const conf = join(bed.dir, `etc/bconsole-${name}.conf`);
    const { director: port } = bed.ports;
    await writeFile(
      conf,
      `Director { Name = test-dir; DIRport = ${port}; address = 127.0.0.1; Password = "unused" }\nConsole { Name = ${name}; Password = "pw" }\n`,
    );
    return directorAs(conf);
  }

  it("is told which command it lacks", async () => {
    const narrow = await consoleWith("narrow", "CommandACL = .jobs");
    const refused = (word: string) => ({
      kind: "unknown",
      reason: "NotAuthorized",
      detail: expect.stringContaining(word),
    });
    expect(await narrow.disabledJobs(never)).toEqual(refused("show: add it to its CommandACL"));
    expect(await narrow.nextRuns([job(1)], never)).toEqual(refused("status: add it to its CommandACL"));
  });

  it("still sees which jobs run, and says so when it may not see why one does not", async () => {
    const blind = await consoleWith("blind", "CommandACL = show, status");
    expect(await blind.nextRuns([job(1), "HandWritten", "no-such-job"], never)).toEqual({
      kind: "answered",
      value: new Map<string, unknown>([
        [job(1), { kind: "scheduled" }],
        ["HandWritten", { kind: "none", because: { kind: "hidden" } }],
        ["no-such-job", { kind: "unknown" }],
      ]),
    });
    expect(await directorAs().nextRuns(["HandWritten"], never)).toEqual({
      kind: "answered",
      value: new Map([["HandWritten", { kind: "none", because: { kind: "noSchedule" } }]]),
    });
  });
});
