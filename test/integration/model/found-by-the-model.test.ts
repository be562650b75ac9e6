import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRONT_END, POLICY } from "../../support/policy.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

/** Histories that once broke a promise, or that no other test would have noticed, told in words. */
const FOLDER = "datacenter1/openstack1";
const DAY_MS = 86_400_000;
const SIGNAL = new AbortController().signal;
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

describe("a folder that a person copied", () => {
  it.each(["0copy", "zcopy"])("as %s takes neither the name nor the reload from others", async (copy) => {
    world.discovery = listed(vm(1));
    await world.pass();
    await cp(join(world.baseDir, FOLDER, "vm1"), join(world.baseDir, FOLDER, copy), { recursive: true });
    world.discovery = listed(vm(1), vm(2));
    const { outcome } = await world.pass();
    expect(outcome).toMatchObject({ kind: "passed", publishing: { kind: "published", jobs: 2 } });
    expect([...world.loadedJobs].sort()).toEqual(["backup-dc1-os1-vm1", "backup-dc1-os1-vm2"]);
    const published = await world.file(`${FOLDER}/published.conf`);
    expect(published).toContain("# from vm1/job\n");
    expect(published).not.toContain(copy);
  });
});

describe("VMs that come back while others go", () => {
  it("are not counted among those that were known before", async () => {
    const fleet = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => vm(from + at));
    world.discovery = listed(...fleet(0, 7));
    await world.pass();
    world.discovery = listed(...fleet(2, 7));
    await world.pass();
    expect(await world.file(`${FOLDER}/vm1/job`)).toContain("missing-since");
    // Of the 5 that were known 3 go; that 2 others return at the same time makes it no smaller loss.
    world.discovery = listed(...fleet(0, 4));
    const { outcome } = await world.pass();
    expect(outcome).toMatchObject({ removals: { kind: "held", known: 5 } });
    expect(await world.file(`${FOLDER}/vm6/job`)).not.toContain("missing-since");
  });
});

describe("an absence that began before a suspension", () => {
  it("is not counted while suspended, and begins anew behind it", async () => {
    const policy = { ...POLICY, graceDays: 3 };
    const request = { policy, personal: () => () => undefined, maxSightGapMs: 2 * DAY_MS, frontEnd: FRONT_END };
    const pass = () => world.runner.run(request, SIGNAL);
    const job = join(world.baseDir, FOLDER, "vm2/job");
    world.discovery = listed(vm(1), vm(2));
    await pass();
    world.discovery = listed(vm(1));
    await pass();
    const missing = await readFile(job, "utf8");
    expect(missing).toContain("missing-since");
    await writeFile(job, `#@suspend: migration\n${missing}`);
    for (let day = 0; day < 10; day++) {
      world.nowMs += DAY_MS;
      await pass();
    }
    await writeFile(job, (await readFile(job, "utf8")).replace("#@suspend: migration\n", ""));
    world.nowMs += DAY_MS;
    await pass();
    expect(await readFile(job, "utf8")).toContain("Enabled    = yes");
    for (let day = 0; day < 3; day++) {
      world.nowMs += DAY_MS;
      await pass();
    }
    expect(await readFile(job, "utf8")).toContain("Enabled    = no");
  });
});

describe("rule 6: a job file of another client in this client's folder", () => {
  it("is neither marked nor edited, whatever this client lists", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    await world.pass();
    const job = join(world.baseDir, FOLDER, "vm3/job");
    const moved = (await readFile(job, "utf8")).replace(/^(#@client: *).*$/m, "$1bacula-dc1-os2-fd");
    await writeFile(job, moved);
    world.discovery = listed(vm(1), vm(2));
    await world.pass({ ...POLICY, pool: "GoldPool" });
    expect(await readFile(job, "utf8")).toBe(moved);
  });
});

describe("a new VM whose record can be read in two ways", () => {
  it("gets no name that the Director has from elsewhere", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.resources = { ...world.resources, fileSets: new Set(["fs-datacenter1-openstack1-db"]) };
    world.discovery = listed(vm(1), { ...vm(2, "db"), wishes: { kind: "ambiguous" } });
    await world.pass();
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-db-00000000");
  });
});

describe("a missing VM that is suspended while others go", () => {
  it("is not counted among those that were known before", async () => {
    world.discovery = listed(...[1, 2, 3, 4, 5, 6].map((number) => vm(number)));
    await world.pass();
    world.discovery = listed(...[2, 3, 4, 5, 6].map((number) => vm(number)));
    await world.pass();
    world.personal = (headers) =>
      headers.vm === "vm1" && headers.suspend === undefined ? { suspend: "migration" } : undefined;
    world.discovery = listed(vm(2), vm(3));
    const { outcome } = await world.pass();
    expect(outcome).toMatchObject({ removals: { kind: "held", known: 5 } });
  });
});

describe("a state folder that is lost while a reload is owed", () => {
  const loseState = () => rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });

  it.each(["the same process", "another process"])(
    "leaves no VM unprotected: %s asks what the Director has",
    async (who) => {
      world.discovery = listed(vm(1));
      world.reloadOutcome = { kind: "busy", reason: "TooManyReloads", detail: "Too many (32) reloads" };
      await world.pass();
      world.reloadOutcome = undefined;
      await loseState();
      if (who === "another process") world.restart();
      await world.pass();
      expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-vm1"]);
    },
  );

  it("is seen only when the Director's list can be read, and asked for once", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.restart();
    world.reachable = false;
    await world.pass();
    world.loadedJobs = new Set();
    world.reachable = true;
    world.calls.length = 0;
    await world.pass();
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-vm1"]);
    world.calls.length = 0;
    await world.pass();
    expect(world.calls).toEqual(["listVms"]);
  });
});
