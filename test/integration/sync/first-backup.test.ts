import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { LiveVm } from "../../../src/domain/discovery/discovery.ts";
import type { Observation, PassReport } from "../../../src/sync/pass-report.ts";
import type { BackupRun, JobHistory } from "../../../src/sync/ports.ts";
import { FRONT_END, POLICY } from "../../support/policy.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const IMMEDIATE: ClientPolicy = { ...POLICY, firstBackup: "Immediate" };
const FOLDER = "datacenter1/openstack1";
const MINUTE = 60_000;

let world: PlayedWorld;
/** Every job that was run, in order. */
let ran: string[];
beforeEach(async () => {
  world = await PlayedWorld.create();
  ran = [];
  world.run = async (jobName) => ({ kind: "answered", value: { jobId: queue(jobName) } });
});
afterEach(async () => {
  await world.dispose();
});

/** The Director writes the row of a run before it answers. */
function queue(jobName: string): number {
  ran.push(jobName);
  const jobId = ran.length;
  const known = world.history.get(jobName);
  const unfinished = [...(known?.unfinished ?? []), { jobId, startTimeMs: world.nowMs }];
  remember(jobName, { ...known, unfinished });
  return jobId;
}

/** Ends everything that runs. */
function finishAll(status: "T" | "f" = "T"): void {
  for (const [jobName, { unfinished, ...known }] of world.history) {
    const last = unfinished?.at(-1);
    if (last === undefined) continue;
    const run: BackupRun = {
      jobId: last.jobId,
      level: "F",
      status,
      bytes: 76,
      files: 1,
      fileSet: "fs",
      startTimeMs: last.startTimeMs,
      endTimeMs: world.nowMs,
    };
    remember(jobName, status === "T" ? { lastGood: run, lastRun: run } : { ...known, lastRun: run });
  }
}

function remember(jobName: string, history: JobHistory): void {
  world.history = new Map([...world.history, [jobName, history]]);
}

async function nextPass(policy = IMMEDIATE): Promise<PassReport> {
  world.nowMs += 5 * MINUTE;
  return world.pass(policy);
}

/** A pass that decides once more on what was seen before. */
async function again(observation: Observation): Promise<PassReport> {
  const wishes = { personal: () => () => undefined, frontEnd: FRONT_END };
  const request = { policy: IMMEDIATE, observation, ...wishes, maxSightGapMs: 600_000 };
  return world.runner.run(request, new AbortController().signal);
}

/** The VM has its job and the mark, and the Director could not be told to run it. */
async function firstBackupRefused(one: LiveVm): Promise<PassReport> {
  const { run } = world;
  world.discovery = listed(one);
  world.run = async () => ({ kind: "unknown", reason: "DirectorUnreachable", detail: "" });
  const report = await world.pass(IMMEDIATE);
  world.run = run;
  return report;
}

const job = (slug: string) => world.file(`${FOLDER}/${slug}/job`);
const names = (...slugs: readonly string[]) => slugs.map((slug) => `backup-dc1-os1-${slug}`);

function firstBackupsOf({ outcome }: PassReport) {
  if (outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(outcome)}`);
  return outcome.vms.flatMap(({ name, firstBackup }) => (firstBackup === undefined ? [] : [[name, firstBackup]]));
}

describe("firstBackup: Immediate", () => {
  it("runs each new job once, two at a time, and takes the mark away when the catalog has the run", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3), vm(4), vm(5));
    const first = await world.pass(IMMEDIATE);
    expect(firstBackupsOf(first)).toEqual([
      ["vm1", { kind: "started", jobId: 1 }],
      ["vm2", { kind: "started", jobId: 2 }],
    ]);
    expect(await job("vm1")).toContain("#@first-backup:  wanted\n");

    await nextPass();
    expect(ran).toEqual(names("vm1", "vm2"));
    expect(await job("vm1")).not.toContain("first-backup");
    expect(await job("vm3")).toContain("#@first-backup:  wanted\n");

    const published = await world.file(`${FOLDER}/published.conf`);
    world.calls.length = 0;
    for (let pass = 0; pass < 4; pass++) {
      finishAll();
      await nextPass();
    }
    expect(ran).toEqual(names("vm1", "vm2", "vm3", "vm4", "vm5"));
    for (const slug of ["vm1", "vm2", "vm3", "vm4", "vm5"]) expect(await job(slug)).not.toContain("first-backup");
    expect(await world.file(`${FOLDER}/published.conf`)).toBe(published);
    expect(world.calls).not.toContain("reload");

    world.calls.length = 0;
    await nextPass();
    expect(world.calls).toEqual(["listVms"]);
  });

  it("does not repeat a first run that failed", async () => {
    world.discovery = listed(vm(1));
    await world.pass(IMMEDIATE);
    finishAll("f");
    for (let pass = 0; pass < 3; pass++) await nextPass();
    expect(ran).toHaveLength(1);
    expect(await job("vm1")).not.toContain("first-backup");
  });

  it("is for jobs that were made while it was set, and also after it was taken back", async () => {
    world.discovery = listed(vm(1));
    await world.pass(POLICY);
    world.discovery = listed(vm(1), vm(2), vm(3), vm(4));
    await nextPass();
    finishAll();
    await nextPass(POLICY);
    expect(ran).toEqual(names("vm2", "vm3", "vm4"));
    expect(await job("vm1")).not.toContain("first-backup");
  });

  it("leaves an adopted job alone", async () => {
    world.discovery = listed(vm(1));
    await world.pass(POLICY);
    const folder = join(world.baseDir, FOLDER);
    await mkdir(join(folder, "kept"), { recursive: true });
    await cp(join(folder, "vm1"), join(folder, "kept"), { recursive: true });
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    await rm(join(folder, "vm1"), { recursive: true });
    world.restart();
    await nextPass();
    expect(ran).toEqual([]);
    expect(await job("kept")).not.toContain("first-backup");
  });

  it("asks nobody in a dry run, and marks nothing", async () => {
    world.discovery = listed(vm(1));
    await world.pass({ ...IMMEDIATE, mode: "DryRun" });
    expect(ran).toEqual([]);
    expect(Object.keys(await world.files())).toEqual([]);
  });

  it("runs the new VM of a name whose old runs are another VM's", async () => {
    const run = { level: "F", status: "T", bytes: 76, files: 1, fileSet: "fs" } as const;
    const old: BackupRun = { ...run, jobId: 7, startTimeMs: world.nowMs - 60 * MINUTE, endTimeMs: world.nowMs };
    remember("backup-dc1-os1-vm1", { lastGood: old, lastRun: old });
    world.discovery = listed(vm(1));
    await world.pass(IMMEDIATE);
    expect(ran).toEqual(names("vm1"));
  });
});

describe("the limits", () => {
  it("are five in all over the clients of this process, in turns", async () => {
    const others = [2, 3].map((n) => ({
      ...IMMEDIATE,
      openstack: `openstack${n}`,
      client: `bacula-dc1-os${n}-fd`,
      jobPrefix: `backup-dc1-os${n}-`,
    }));
    world.resources = { ...world.resources, clients: new Set([IMMEDIATE, ...others].map(({ client }) => client)) };
    world.discovery = listed(vm(1), vm(2), vm(3));
    await Promise.all([IMMEDIATE, ...others].map((policy) => world.pass(policy)));
    const started = (client: ClientPolicy) => ran.filter((name) => name.startsWith(client.jobPrefix)).length;
    expect(ran).toHaveLength(5);
    expect([IMMEDIATE, ...others].map(started)).toEqual([2, 2, 1]);
    await Promise.all([IMMEDIATE, ...others].map((policy) => nextPass(policy)));
    expect(ran).toHaveLength(5);
    for (let pass = 0; pass < 3; pass++) {
      finishAll();
      for (const policy of [IMMEDIATE, ...others]) await world.pass(policy);
    }
    expect(new Set(ran).size).toBe(9);
    expect(ran).toHaveLength(9);
  });

  it("count runs that nobody here started", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    await world.pass(POLICY);
    queue("backup-dc1-os1-vm1");
    world.discovery = listed(vm(1), vm(2), vm(3), vm(4), vm(5));
    await nextPass();
    expect(ran).toEqual(names("vm1", "vm4"));
  });

  it("see a run that began after the client was looked at", async () => {
    world.discovery = listed(vm(1));
    const before = await world.pass(POLICY);
    world.discovery = listed(vm(1), vm(2));
    queue("backup-dc1-os1-vm1");
    queue("backup-dc1-os1-vm1");
    await again({ ...before.observation, discovery: world.discovery });
    expect(await job("vm2")).toContain("first-backup");
    expect(ran).toHaveLength(2);
  });
});

describe("no first backup is started twice", () => {
  it("by a process that knows nothing of the one before", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    await world.pass(IMMEDIATE);
    for (let life = 0; life < 3; life++) {
      world.restart();
      await nextPass();
    }
    expect(ran).toEqual(names("vm1", "vm2"));
    finishAll();
    world.restart();
    await nextPass();
    expect(ran).toEqual(names("vm1", "vm2", "vm3"));
  });

  it("by a process that ended while the Director was told", async () => {
    world.discovery = listed(vm(1));
    world.run = async (jobName) => {
      queue(jobName);
      throw new Error("killed");
    };
    await expect(world.pass(IMMEDIATE)).rejects.toThrow("killed");
    await nextPass();
    world.restart();
    await nextPass();
    expect(ran).toHaveLength(1);
  });

  it("where the answer never came, but the run was queued", async () => {
    world.discovery = listed(vm(1));
    world.run = async (jobName) => {
      queue(jobName);
      return { kind: "unknown", reason: "TimedOut", detail: "no whole answer" };
    };
    const report = await world.pass(IMMEDIATE);
    expect(firstBackupsOf(report)).toEqual([
      ["vm1", { kind: "failed", reason: "TimedOut", detail: "no whole answer" }],
    ]);
    for (let pass = 0; pass < 5; pass++) await nextPass();
    expect(ran).toHaveLength(1);
  });

  it.each([1, 3])("while the catalog does not show it yet, and it counts (%i VMs)", async (count) => {
    world.discovery = listed(...[vm(1), vm(2), vm(3)].slice(0, count));
    world.run = async (jobName) => ({ kind: "answered", value: { jobId: ran.push(jobName) } });
    await world.pass(IMMEDIATE);
    for (let pass = 0; pass < 5; pass++) await nextPass();
    expect(ran).toEqual(names("vm1", "vm2").slice(0, count));
  });

  it("soon after an end in the middle, though the catalog does not show it yet", async () => {
    world.discovery = listed(vm(1));
    world.run = async (jobName) => {
      ran.push(jobName);
      throw new Error("cut off");
    };
    await expect(world.pass(IMMEDIATE)).rejects.toThrow("cut off");
    await nextPass();
    expect(ran).toHaveLength(1);
  });

  it("that another writer started since the client was looked at", async () => {
    const waiting = await firstBackupRefused(vm(1));
    world.nowMs += 60 * MINUTE;
    queue("backup-dc1-os1-vm1");
    const before = { kind: "read", history: new Map(), catalogNowMs: world.nowMs } as const;
    await again({ ...waiting.observation, catalog: before, atMs: world.nowMs });
    expect(ran).toHaveLength(1);
  });

  it("while an old run of that name still waits", async () => {
    queue("backup-dc1-os1-vm1");
    world.nowMs += 60 * MINUTE;
    world.discovery = listed(vm(1));
    await world.pass(IMMEDIATE);
    expect(ran).toHaveLength(1);
    finishAll();
    await nextPass();
    expect(ran).toHaveLength(2);
  });

  it("but is tried again after ten minutes where nothing came of it, after the others", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    const refused: string[] = [];
    world.run = async (jobName) => {
      refused.push(jobName);
      return { kind: "unknown", reason: "UnreadableAnswer", detail: "run answered no JobId" };
    };
    await world.pass(IMMEDIATE);
    for (let pass = 0; pass < 3; pass++) await nextPass();
    expect(refused).toEqual(names("vm1", "vm2", "vm3", "vm1"));
  });

  it("but a VM whose folder was lost long after gets another", async () => {
    world.discovery = listed(vm(1));
    await world.pass(IMMEDIATE);
    finishAll();
    await nextPass();
    world.nowMs += 60 * MINUTE;
    await rm(join(world.baseDir, FOLDER, "vm1"), { recursive: true });
    await nextPass();
    expect(ran).toEqual(names("vm1", "vm1"));
  });
});

describe("no first backup is started", () => {
  const start = async () => {
    await firstBackupRefused(vm(1));
    world.nowMs += 60 * MINUTE;
  };

  it("by a pass that is blind, and is by the next that sees", async () => {
    await start();
    world.catalog = { kind: "unknown", reason: "Unreachable", detail: "" };
    await nextPass();
    world.catalog = undefined;
    world.discovery = { kind: "failed", reason: "EmptyAnswer", detail: "" };
    await nextPass();
    expect(ran).toEqual([]);
    world.discovery = listed(vm(1));
    await nextPass();
    expect(ran).toEqual(names("vm1"));
  });

  it.each<[string, () => Promise<void>]>([
    ["of a VM that opted out", async () => see(vm(1, "vm1", { optedOut: true }))],
    ["of a VM that is gone", async () => see(vm(2))],
    ["of a job that a person paused", () => edit("Enabled    = yes", "Enabled    = no")],
    ["of a job that is rejected", () => edit('Pool       = "Default"', 'Pool       = "Nope"')],
    ["of a job that got another Client", () => edit('"bacula-dc1-os1-fd"', '"bacula-dc1-os2-fd"')],
    [
      "while the Director does not have the job",
      async () => {
        world.loadedJobs = new Set();
      },
    ],
  ])("%s", async (_case, change) => {
    await start();
    await change();
    await nextPass();
    expect(ran.filter((name) => name.endsWith("vm1"))).toEqual([]);
    expect(await job("vm1")).toContain("first-backup");
  });

  it("in a dry run, also of a job that waits for it", async () => {
    await start();
    await nextPass({ ...IMMEDIATE, mode: "DryRun" });
    expect(ran).toEqual([]);
    await nextPass();
    expect(ran).toEqual(names("vm1"));
  });

  it("of a job that the Director could not take yet", async () => {
    world.discovery = listed(vm(1));
    world.reloadOutcome = { kind: "busy", reason: "TooManyReloads", detail: "" };
    await world.pass(IMMEDIATE);
    expect(ran).toEqual([]);
    world.reloadOutcome = undefined;
    await nextPass();
    expect(ran).toEqual(names("vm1"));
  });

  function see(...vms: readonly LiveVm[]): void {
    world.discovery = listed(...vms);
  }

  async function edit(text: string, by: string): Promise<void> {
    await writeFile(join(world.baseDir, FOLDER, "vm1/job"), (await job("vm1")).replace(text, by));
  }
});
