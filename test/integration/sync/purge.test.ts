import { cp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import { joinReports } from "../../../src/sync/join-reports.ts";
import type { PassReport, VmReport } from "../../../src/sync/pass-report.ts";
import { planOfReport } from "../../../src/sync/plan-of-report.ts";
import { stepsTaken } from "../../../src/sync/steps-taken.ts";
import { CrashError, crashingVolume, Lifeline } from "../../support/model/crashing-volume.ts";
import { POLICY } from "../../support/policy.ts";
import { PlayedPurge } from "../../support/purge/played-purge.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const DAY_MS = 86_400_000;
const CLIENT = "datacenter1/openstack1";
const JOB = "backup-dc1-os1-vm";
const policy: ClientPolicy = { ...POLICY, cleanupAfterDays: 30 };
/** The first day on which a VM that went away on day 1 is to be purged: 14 days of grace, 30 of being disabled. */
const DUE_ON = 45;

let world: PlayedWorld;
let purge: PlayedPurge;
let startMs: number;
const others = Array.from({ length: 30 }, (_, n) => vm(100 + n));

beforeEach(async () => {
  world = await PlayedWorld.create();
  world.maxSightGapMs = 60 * DAY_MS;
  startMs = world.nowMs;
  purge = new PlayedPurge();
  for (const id of [1, 2, 3]) purge.addVolume(id);
  restart();
});
afterEach(() => world.dispose());

/** A new process; it dies where `life` says. */
function restart(life?: Lifeline): void {
  purge.life = life;
  world.purges = purge.means();
  world.volumeOf = life === undefined ? (volume) => volume : (volume) => crashingVolume(volume, life);
  world.restart();
}

async function passOn(day: number, under: ClientPolicy = policy): Promise<PassReport> {
  world.nowMs = startMs + day * DAY_MS;
  return world.pass(under);
}

/** VMs that were backed up, went away on day 1 and were disabled since, with the last pass on `day`. */
async function goneUntil(
  day: number,
  numbers: readonly number[] = [1],
  under: ClientPolicy = policy,
  staying = others,
): Promise<void> {
  const gone = numbers.map((n) => vm(n));
  world.discovery = listed(...gone, ...staying);
  await passOn(0, under);
  for (const { name } of [...gone, ...staying])
    for (const media of [[1, 2], [2]])
      purge.add(`backup-dc1-os1-${name}`, { media: name === "vm1" ? [...media, 3] : media });
  for (const { name } of [...gone, ...staying]) purge.fileSets.add(`fs-datacenter1-openstack1-${name}`);
  world.discovery = listed(...staying);
  for (const d of [1, 15, day]) await passOn(d, under);
}

function reportOf(report: PassReport, number = 1): VmReport | undefined {
  return passed(report).vms.find(({ uuid }) => uuid === vm(number).uuid);
}

const foldersNow = async () => (await readdir(join(world.baseDir, CLIENT))).filter((name) => name === "vm1");
const jobPath = () => join(world.baseDir, CLIENT, "vm1/job");

describe("a purge", () => {
  it("takes all of one VM and nothing of any other", async () => {
    await goneUntil(DUE_ON - 1);
    const runsBefore = purge.runs.size;
    expect(await foldersNow()).toEqual(["vm1"]);
    const othersBefore = purge.namesLeft().filter((name) => name !== `${JOB}1`);
    const filesBefore = await world.files();

    const report = await passOn(DUE_ON);
    expect(reportOf(report)?.purge).toEqual({
      kind: "purged",
      runs: 2,
      actionsRequired: [
        "ACTION REQUIRED: volume Vol-3 (media type File, storage File1) holds no backups any more and is marked Purged; its file is still on the Storage Daemon's host. Delete it there if its data are to go",
      ],
    });
    expect(await foldersNow()).toEqual([]);
    expect(purge.namesLeft()).toEqual(othersBefore);
    expect(purge.runs.size).toBe(runsBefore - 2);
    expect([...purge.leftovers]).toHaveLength(runsBefore - 2);
    expect(purge.fileSets.has("fs-datacenter1-openstack1-vm1")).toBe(false);
    expect(purge.fileSets.size).toBe(others.length);
    expect([...purge.volumes.values()].map(({ status }) => status)).toEqual(["Full", "Full", "Purged"]);
    expect(world.loadedJobs.has(`${JOB}1`)).toBe(false);
    const left = Object.entries(await world.files()).filter(([path]) => !path.endsWith(".conf"));
    expect(Object.fromEntries(left)).toEqual(
      Object.fromEntries(
        Object.entries(filesBefore).filter(([path]) => !path.endsWith(".conf") && !path.includes("/vm1/")),
      ),
    );
    expect(stepsTaken(report)).toMatchObject([{ vm: "vm1", action: "Purge" }]);
    const next = await passOn(DUE_ON + 1);
    expect(reportOf(next)).toBeUndefined();
    // A command that goes on with a second pass still tells of the first's.
    expect(reportOf(joinReports(report, next))?.purge?.kind).toBe("purged");
  });

  it("never comes before its time, and never without the opt-in", async () => {
    await goneUntil(DUE_ON - 1);
    expect(purge.deleted).toEqual([]);
    for (let day = DUE_ON; day < DUE_ON + 20; day++) await passOn(day, POLICY);
    expect(purge.deleted).toEqual([]);
    expect(await foldersNow()).toEqual(["vm1"]);
  });

  it("is announced for 7 days under a threshold that is new", async () => {
    await goneUntil(DUE_ON - 1, [1], POLICY);
    const delays: unknown[] = [];
    for (let day = DUE_ON; day < DUE_ON + 7; day++) delays.push(reportOf(await passOn(day))?.decision);
    expect(delays).toEqual(Array.from({ length: 7 }, () => ({ kind: "purgeLater", because: "NotAnnounced" })));
    expect(purge.deleted).toEqual([]);
    expect(reportOf(await passOn(DUE_ON + 7))?.purge?.kind).toBe("purged");
  });

  it("is announced anew when the state folder was lost", async () => {
    await goneUntil(DUE_ON - 1);
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    for (let day = DUE_ON; day < DUE_ON + 14 + 30; day++) await passOn(day);
    expect(purge.deleted).toEqual([]);
  });

  it("does not happen on one answer alone", async () => {
    await goneUntil(DUE_ON - 1);
    world.answers.push(listed(...others), listed(vm(1), ...others), listed(...others));
    await passOn(DUE_ON);
    expect(purge.deleted).toEqual([]);
    expect(await readdir(join(world.baseDir, CLIENT, "vm1"))).toEqual(["fileset", "job"]);
  });

  it("does not happen in a pass that does not see", async () => {
    await goneUntil(DUE_ON - 1);
    world.discovery = { kind: "failed", reason: "PluginError", detail: "error=keystone" };
    await passOn(DUE_ON);
    world.discovery = listed(...others);
    world.catalog = { kind: "unknown", reason: "Unreachable", detail: "" };
    await passOn(DUE_ON);
    expect(purge.deleted).toEqual([]);
  });

  it("shows the same in a dry run, and does nothing", async () => {
    await goneUntil(DUE_ON - 1);
    const before = await world.files();
    const report = await passOn(DUE_ON, { ...policy, mode: "DryRun" });
    expect(planOfReport(report)).toMatchObject([{ vm: "vm1", action: "Purge" }]);
    expect(await world.files()).toEqual(before);
    expect(purge.deleted).toEqual([]);
  });

  it("is at most ten VMs a pass, the longest disabled first, and 50 a day", { timeout: 60_000 }, async () => {
    const numbers = Array.from({ length: 57 }, (_, n) => n + 1);
    const small = { ...policy, maxMissing: { count: 200, percent: 100 } };
    const staying = Array.from({ length: 100 }, (_, n) => vm(200 + n));
    await goneUntil(DUE_ON - 1, numbers, small, staying);
    world.nowMs = startMs + DUE_ON * DAY_MS;
    const counts: number[] = [];
    for (let pass = 0; pass < 7; pass++) {
      world.nowMs += 300_000;
      const { vms } = passed(await world.pass(small));
      counts.push(vms.filter((one) => one.purge?.kind === "purged").length);
    }
    expect(counts).toEqual([10, 10, 10, 10, 10, 0, 0]);
    expect(passed(await passOn(DUE_ON + 2, small)).vms.filter((one) => one.purge?.kind === "purged")).toHaveLength(7);
  });
});

describe("a VM is kept although its purge is due", () => {
  beforeEach(() => goneUntil(DUE_ON - 1));
  /** What was decided of it, its rows and its published job being there. */
  const kept = async (report: PassReport) => {
    const isDisabled = (await readFile(jobPath(), "utf8")).includes("Enabled    = no");
    const isThere = purge.deleted.length === 0 && isDisabled && world.loadedJobs.has(`${JOB}1`);
    return isThere ? reportOf(report)?.decision : "not kept";
  };

  it("under HOLD", async () => {
    await writeFile(join(world.baseDir, "HOLD"), "");
    expect(await kept(await passOn(DUE_ON))).toEqual({ kind: "purge" });
  });
  it("while a person holds it, by the file or by words that are not in it yet", async () => {
    const text = await readFile(jobPath(), "utf8");
    await writeFile(jobPath(), text.replace("#@status:", "#@hold: legal\n#@status:"));
    expect(await kept(await passOn(DUE_ON))).toEqual({ kind: "unchanged" });
    await writeFile(jobPath(), text);
    world.personal = () => ({ hold: "legal" });
    expect(await kept(await passOn(DUE_ON + 0.1))).toMatchObject({ kind: "edit", because: ["PersonalWish"] });
  });
  it.each([
    ["a copy of its backups exists", () => purge.add("copies", { type: "C", priorJobId: 1 }), "CopiesExist"],
    ["a run under its name is no backup", () => purge.add(`${JOB}1`, { type: "M" }), "CopiesExist"],
    ["another's files are differences to it", () => purge.add("other", { baseJobId: 1 }), "UsedAsBase"],
    ["a run of it waits", () => purge.add(`${JOB}1`, { isFinished: false }), "Running"],
    ["the Director has a run of it in hand", () => purge.running.add(1), "Running"],
  ])("while %s", async (_what, change, kind) => {
    change();
    expect(await kept(await passOn(DUE_ON))).toMatchObject({ kind: "purgeBlocked", obstacle: { kind } });
  });
  it.each(["Archive", "Read-Only"])("while a volume of it is %s", async (status) => {
    purge.addVolume(3, status);
    expect(await kept(await passOn(DUE_ON))).toMatchObject({
      obstacle: { kind: "ProtectedVolume", volumes: ["Vol-3"] },
    });
  });
  it("while its Job has a name that its folder does not give", async () => {
    const text = await readFile(jobPath(), "utf8");
    await writeFile(jobPath(), text.replace(`"${JOB}1"`, `"${JOB}100"`));
    const report = await passOn(DUE_ON);
    expect(reportOf(report)?.decision).toMatchObject({ kind: "purgeBlocked", obstacle: { kind: "NotOurs" } });
    expect(purge.deleted).toEqual([]);
  });
  it("while neither catalog nor Director can be asked", async () => {
    purge.reachable = false;
    expect(await kept(await passOn(DUE_ON))).toMatchObject({ kind: "purgeLater" });
  });
  it("when it was backed up since it went missing", async () => {
    const lastGood = { jobId: 9, level: "F", status: "T", bytes: 1, files: 1, fileSet: "x" };
    const timeMs = startMs + 20 * DAY_MS;
    world.history = new Map([[`${JOB}1`, { lastGood: { ...lastGood, startTimeMs: timeMs, endTimeMs: timeMs } }]]);
    expect(await kept(await passOn(DUE_ON))).toEqual({ kind: "unchanged" });
  });
});

describe("a purge that has begun", () => {
  beforeEach(() => goneUntil(DUE_ON - 1));

  it("deletes nothing while the Director has the job, and goes on when it has not", async () => {
    world.isStale = true;
    await passOn(DUE_ON);
    expect(purge.deleted).toEqual([]);
    expect(await readdir(join(world.baseDir, CLIENT, "vm1"))).toEqual(["fileset", "job.purging", "purge.json"]);
    world.isStale = false;
    expect(reportOf(await passOn(DUE_ON + 0.1))?.purge?.kind).toBe("purged");
  });
  it("deletes nothing while the Director has a job of that name from elsewhere", async () => {
    const { resources } = world;
    world.resources = { ...resources, jobs: new Set([`${JOB}1`]) };
    expect(reportOf(await passOn(DUE_ON))?.purge).toEqual({ kind: "waits", reason: "the Director still has its job" });
    expect(purge.deleted).toEqual([]);
    world.resources = resources;
    expect(reportOf(await passOn(DUE_ON + 0.1))?.purge?.kind).toBe("purged");
  });
  it("waits for a run that the Director still has, and for runs that it does not delete", async () => {
    world.isStale = true;
    await passOn(DUE_ON);
    world.isStale = false;
    purge.running.add(1);
    expect(reportOf(await passOn(DUE_ON + 0.1))?.purge?.kind).toBe("waits");
    expect(purge.deleted).toEqual([]);
    purge.running.clear();
    purge.hides = () => true;
    expect(reportOf(await passOn(DUE_ON + 0.2))?.purge?.kind).toBe("waits");
    expect(purge.leftovers.has(1)).toBe(true);
    purge.hides = () => false;
    expect(reportOf(await passOn(DUE_ON + 0.3))?.purge?.kind).toBe("purged");
  });
  it("ends with the job as it was when the VM is there again", async () => {
    world.isStale = true;
    await passOn(DUE_ON);
    world.isStale = false;
    world.discovery = listed(vm(1), ...others);
    const report = await passOn(DUE_ON + 0.1);
    expect(reportOf(report)?.job?.headers).toMatchObject({ status: "active", uuid: vm(1).uuid });
    expect(await readFile(jobPath(), "utf8")).toContain("Enabled    = yes");
    expect(await readdir(join(world.baseDir, CLIENT, "vm1"))).toEqual(["fileset", "job"]);
    expect(world.loadedJobs.has(`${JOB}1`)).toBe(true);
    expect(purge.deleted).toEqual([]);
  });
  it.each([
    ["the opt-in is taken away", async () => undefined, POLICY],
    ["HOLD is there", async () => writeFile(join(world.baseDir, "HOLD"), ""), policy],
    [
      "a person asks to keep it",
      async () => {
        const path = join(world.baseDir, CLIENT, "vm1/job.purging");
        await writeFile(path, (await readFile(path, "utf8")).replace("#@status:", "#@hold: legal\n#@status:"));
      },
      policy,
    ],
  ])("ends with the job as it was when %s and nothing was deleted", async (_what, change, under) => {
    const text = await readFile(jobPath(), "utf8");
    world.isStale = true;
    await passOn(DUE_ON);
    world.isStale = false;
    await change();
    await passOn(DUE_ON + 0.1, under);
    expect((await readFile(jobPath(), "utf8")).replace(/^#@hold:.*\n/m, "")).toBe(text);
    expect(world.loadedJobs.has(`${JOB}1`)).toBe(true);
    expect(purge.deleted).toEqual([]);
  });
  it("stays as it is while nothing is known of the VM", async () => {
    world.isStale = true;
    await passOn(DUE_ON);
    world.isStale = false;
    world.discovery = { kind: "failed", reason: "PluginError", detail: "" };
    await passOn(DUE_ON + 0.1);
    expect(await readdir(join(world.baseDir, CLIENT, "vm1"))).toEqual(["fileset", "job.purging", "purge.json"]);
    expect(purge.deleted).toEqual([]);
  });
  it("deletes nothing by a record that is not the job's", async () => {
    world.isStale = true;
    await passOn(DUE_ON);
    world.isStale = false;
    const path = join(world.baseDir, CLIENT, "vm1/purge.json");
    const record = await readFile(path, "utf8");
    for (const wrong of ["{", record.replace(`${JOB}1"`, `${JOB}100"`), record.replace(/0001"/, '0002"'), "[]"]) {
      await writeFile(path, wrong);
      expect(reportOf(await passOn(DUE_ON + 0.1))?.purge?.kind).toBe("waits");
    }
    expect(purge.deleted).toEqual([]);
  });
  it("goes on with what was written down when it was cut off among the deletes", async () => {
    const names = Array.from({ length: 50 }, () => purge.add(`${JOB}1`));
    const life = new Lifeline();
    restart(life);
    const act = purge.means().ports.director;
    world.purges = {
      ...purge.means(),
      ports: {
        ...purge.means().ports,
        director: {
          ...act,
          deleteRuns: async (ids, signal) => {
            const end = await act.deleteRuns(ids, signal);
            life.effectsLeft = 0;
            return end;
          },
        },
      },
    };
    world.restart();
    await expect(passOn(DUE_ON)).rejects.toThrow(CrashError);
    expect(purge.deleted).toHaveLength(20);
    restart();
    expect(reportOf(await passOn(DUE_ON + 0.1))?.purge).toMatchObject({ kind: "purged", runs: names.length + 2 });
    expect(purge.namesLeft()).toHaveLength(others.length);
  });
});

describe("a purge among its deletes", () => {
  let after: () => Promise<void> | void;
  beforeEach(async () => {
    await goneUntil(DUE_ON - 1);
    for (let n = 0; n < 50; n++) purge.add(`${JOB}1`);
    const means = purge.means();
    const deleteRuns: typeof means.ports.director.deleteRuns = async (ids, signal) => {
      const end = await means.ports.director.deleteRuns(ids, signal);
      await after();
      return end;
    };
    world.purges = { ...means, ports: { ...means.ports, director: { ...means.ports.director, deleteRuns } } };
    world.restart();
  });

  it("stops when HOLD appears, and keeps what it knows", async () => {
    after = () => writeFile(join(world.baseDir, "HOLD"), "");
    expect(reportOf(await passOn(DUE_ON))?.purge).toEqual({ kind: "waits", reason: "HOLD stops every purge" });
    expect(purge.deleted).toHaveLength(20);
    await passOn(DUE_ON + 0.1);
    expect(purge.deleted).toHaveLength(20);
    await rm(join(world.baseDir, "HOLD"));
    after = () => undefined;
    expect(reportOf(await passOn(DUE_ON + 0.2))?.purge).toMatchObject({ kind: "purged", runs: 52 });
  });
  it("ends when its time is up, and goes on in the next pass", async () => {
    after = () => {
      world.nowMs += 150_000;
    };
    expect(reportOf(await passOn(DUE_ON))?.purge).toMatchObject({ kind: "waits" });
    expect(purge.deleted).toHaveLength(40);
    expect(reportOf(await passOn(DUE_ON + 0.1))?.purge).toMatchObject({ kind: "purged", runs: 52 });
  });
});

describe("volumes that a purge leaves empty", () => {
  beforeEach(() => goneUntil(DUE_ON - 1));
  const linesOf = (report: PassReport) => {
    const end = reportOf(report)?.purge;
    return end?.kind === "purged" ? end.actionsRequired : end;
  };

  it("are deleted from the catalog when that is wished for, and their file is named", async () => {
    purge.volumeWish = "delete";
    restart();
    const state = join(world.baseDir, ".bacula-openstack-sync/actions-required%2Fdatacenter1%2Fopenstack1.json");
    expect(linesOf(await passOn(DUE_ON))).toEqual([
      expect.stringMatching(/Vol-3 .* is deleted from the catalog; its file/),
    ]);
    expect([...purge.volumes.keys()]).toEqual([1, 2]);
    expect(JSON.parse(await readFile(state, "utf8"))).toMatchObject({ lines: [expect.stringContaining("Vol-3")] });
  });
  it("are left while Bacula may still write to them", async () => {
    purge.addVolume(3, "Append");
    expect(linesOf(await passOn(DUE_ON))).toEqual([
      expect.stringMatching(/Vol-3 .* left as it is, since its status is Append/),
    ]);
    expect(purge.volumes.get(3)?.status).toBe("Append");
  });
  it("wait until the Director runs nothing, for a day at most", async () => {
    purge.running.add(999);
    expect(linesOf(await passOn(DUE_ON))).toMatchObject({ kind: "waits" });
    expect(purge.volumes.get(3)?.status).toBe("Full");
    expect(linesOf(await passOn(DUE_ON + 0.5))).toMatchObject({ kind: "waits" });
    expect(linesOf(await passOn(DUE_ON + 1.1))).toEqual([
      expect.stringMatching(/Vol-3 .* left as it is, since jobs ran/),
    ]);
    expect(purge.volumes.get(3)?.status).toBe("Full");
  });
});

describe("a process that dies at any step of a purge", () => {
  it("leaves what the next one completes, with the same end", { timeout: 120_000 }, async () => {
    await goneUntil(DUE_ON - 1);
    const backup = `${world.baseDir}.before`;
    await rename(world.baseDir, backup);
    const runs = new Map(purge.runs);
    const leftovers = new Set(purge.leftovers);
    const fileSets = new Set(purge.fileSets);

    let deaths = 0;
    const ends = new Set<string>();
    for (let effect = 0; ; effect++) {
      await rm(world.baseDir, { recursive: true, force: true });
      await cp(backup, world.baseDir, { recursive: true });
      for (const [id, run] of runs) purge.runs.set(id, run);
      for (const id of leftovers) purge.leftovers.add(id);
      for (const name of fileSets) purge.fileSets.add(name);
      purge.addVolume(3);
      world.nowMs = startMs + DUE_ON * DAY_MS;
      const life = new Lifeline();
      restart(life);
      life.effectsLeft = effect;
      const died = await passOn(DUE_ON).then(
        () => false,
        (error: unknown) => {
          if (error instanceof CrashError) return true;
          throw error;
        },
      );
      if (died) {
        deaths++;
        restart();
        for (let again = 1; again <= 3; again++) await passOn(DUE_ON + again / 100);
      }
      const volumes = [...purge.volumes.values()].map(({ status }) => status);
      const files = Object.keys(await world.files());
      ends.add(JSON.stringify({ names: purge.namesLeft(), left: [...purge.leftovers], volumes, files }));
      if (!died) break;
    }
    expect(deaths).toBeGreaterThan(15);
    expect([...ends]).toHaveLength(1);
    await rm(backup, { recursive: true });
  });
});
