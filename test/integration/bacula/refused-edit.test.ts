import { randomUUID } from "node:crypto";
import { access, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { createDirector } from "../../../src/bacula/director.ts";
import type { LiveVm } from "../../../src/domain/discovery/discovery.ts";
import type { Director } from "../../../src/sync/ports.ts";
import { SyncRunner } from "../../../src/sync/sync-runner.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { FRONT_END, POLICY } from "../../support/policy.ts";
import { listed, vm } from "../../support/sync/played-world.ts";

const never = new AbortController().signal;
const FOLDER = "datacenter1/openstack1";
/** Our own check reads it as a directive like any other. */
const UNKNOWN_DIRECTIVE = '  Foo = "bar"\n}\n';

let bed: BaculaBed;
let director: Director;
let live: readonly LiveVm[] = [];
let reloads = 0;
/** Called before each reload, with its number from 1. */
let beforeReload: (number: number) => Promise<void> = async () => undefined;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "bacula-refused-edit" });
}, 300_000);
afterAll(() => bed?.wipe());

/** An empty BASE_DIR, and a Director that has lost no reload slot. */
beforeEach(async () => {
  for (const name of await readdir(bed.baseDir)) await rm(join(bed.baseDir, name), { recursive: true });
  await writeFile(join(bed.baseDir, "include.conf"), "");
  await writeFile(bed.extraDirectorConf, "");
  await bed.restartDirector();
  beforeReload = async () => undefined;
}, 60_000);

function connect(how: { readonly isTested?: boolean; readonly readsLog?: boolean }): void {
  director = createDirector({
    bconsolePath: bed.bconsolePath,
    bconsoleConf: bed.restrictedBconsoleConf,
    timeoutMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
    test: how.isTested === true ? { command: bed.directorTestCommand.split(" "), timeoutMs: 60_000 } : undefined,
    logFile: how.readsLog === true ? bed.daemonLogFile : undefined,
    clock: Date,
  });
}

/** One pass of a process of its own. */
async function pass() {
  reloads = 0;
  const counted: Director = {
    ...director,
    listVms: async () => listed(...live),
    reload: async (signal) => {
      await beforeReload(++reloads);
      return director.reload(signal);
    },
  };
  const ports = {
    director: counted,
    catalog: {
      history: async () => ({ kind: "read", history: new Map(), catalogNowMs: Date.now() }) as const,
    },
    volume: createVolume({
      baseDir: bed.baseDir,
      directorBaseDir: bed.baseDir,
      timeZone: "UTC",
      lockWaitMs: 5_000,
      clock: Date,
      newId: randomUUID,
    }),
    clock: Date,
  };
  const runner = new SyncRunner(ports, { gatherMs: 0, signal: never });
  const request = { policy: POLICY, personal: () => () => undefined, maxSightGapMs: 600_000, frontEnd: FRONT_END };
  const { outcome } = await runner.run(request, never);
  if (outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(outcome)}`);
  const { publishing, vms, failedChanges } = outcome;
  const rejected = vms.flatMap((one) =>
    one.publishing.kind === "rejected" ? [{ name: one.name, ...one.publishing }] : [],
  );
  return { publishing, rejected, failedChanges };
}

const file = (path: string) => join(bed.baseDir, FOLDER, path);
const read = (path: string) => readFile(file(path), "utf8");
const exists = (path: string) =>
  access(file(path)).then(
    () => true,
    () => false,
  );
async function edit(slug: string, text: string): Promise<void> {
  await writeFile(file(`${slug}/job`), (await read(`${slug}/job`)).replace(/\}\n$/, text));
}
async function slots(): Promise<{ burned: number; trials: number }> {
  const text = await readFile(join(bed.baseDir, ".bacula-openstack-sync/reload-slots.json"), "utf8").catch(() => "{}");
  return { burned: 0, trials: 0, ...(JSON.parse(text) as object) };
}
async function directorJobs(): Promise<ReadonlySet<string>> {
  const jobs = await director.backupJobs(never);
  if (jobs.kind !== "answered") throw new Error(jobs.detail);
  return jobs.value;
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** 11 VMs are protected; then people edit all of them, the seventh wrongly, and 10 more VMs appear. */
async function twentyGoodChangesAndOneBad(): Promise<void> {
  live = numbers(1, 11).map((number) => vm(number));
  expect(await pass()).toMatchObject({ publishing: { kind: "published", jobs: 11 } });
  for (const number of numbers(1, 11)) await edit(`vm${number}`, "  Priority = 12\n}\n");
  await edit("vm7", UNKNOWN_DIRECTIVE);
  live = numbers(1, 21).map((number) => vm(number));
}

describe("a hand edit that only the Director refuses, among 20 good changes", () => {
  it.each([
    ["with DIRECTOR_TEST_COMMAND", { isTested: true }, /Keyword "Foo" not permitted/, { burned: 0, trials: 0 }],
    ["with DIRECTOR_LOG alone", { readsLog: true }, /Keyword "Foo" not permitted/, { burned: 1, trials: 1 }],
    ["with neither", {}, /takes it without them/, { burned: 8, trials: 8 }],
  ])(
    "%s: is rejected, the 20 others are published, and its last good job stays",
    async (_, how, reason, atMost) => {
      connect(how);
      await twentyGoodChangesAndOneBad();
      const { publishing, rejected } = await pass();
      expect(publishing).toEqual({ kind: "published", jobs: 21 });
      expect(rejected).toEqual([
        { name: "vm7", kind: "rejected", lastGoodPublished: true, reason: expect.stringMatching(reason) },
      ]);
      const jobs = await directorJobs();
      for (const number of numbers(1, 21)) expect(jobs).toContain(`backup-dc1-os1-vm${number}`);
      const published = await read("published.conf");
      expect(published.match(/Priority = 12/g)).toHaveLength(10);
      expect(published).not.toContain("Foo");
      expect(await bed.console("show job=backup-dc1-os1-vm3")).toMatch(/Priority=12/i);

      // The person's bytes are the person's; what is wrong with them stands beside them.
      expect(await read("vm7/job")).toContain('Foo = "bar"');
      const copy = await read("vm7/job.rejected");
      expect(copy).toMatch(/^# Rejected: /);
      expect(copy).toMatch(reason);
      expect(copy).toContain(await read("vm7/job"));

      const used = await slots();
      expect(used.burned).toBeLessThanOrEqual(atMost.burned);
      expect(used.trials).toBeLessThanOrEqual(atMost.trials);

      // Asked once: the same content is not offered again, also not by another process, and nothing is written.
      expect(await pass()).toMatchObject({ publishing: { kind: "unchanged" }, rejected: [{ name: "vm7" }] });
      expect(reloads).toBe(0);
      expect(await slots()).toEqual(used);

      await writeFile(file("vm7/job"), (await read("vm7/job")).replace('  Foo = "bar"\n', ""));
      expect(await pass()).toMatchObject({ publishing: { kind: "published", jobs: 21 }, rejected: [] });
      expect(await exists("vm7/job.rejected")).toBe(false);
      expect(await slots()).toEqual(used);
    },
    240_000,
  );

  it("with neither, and the Director is killed in the middle of the trials: it starts with what was good", async () => {
    connect({});
    await twentyGoodChangesAndOneBad();
    const before = await read("published.conf");
    // The first is the refused one, the second asks what is in force, the third has the ten new VMs.
    beforeReload = async (number) => {
      if (number === 4) await bed.killDirector();
    };
    expect(await pass()).toMatchObject({ publishing: { kind: "failed" }, rejected: [] });
    expect(reloads).toBe(4);
    const after = await read("published.conf");
    expect(after).not.toContain("Foo");
    expect(after).not.toContain("Priority");
    expect(after.match(/^Job/gm)).toHaveLength(21);
    expect(before.match(/^Job/gm)).toHaveLength(11);
    await bed.startDirector();
    expect(await directorJobs()).toContain("backup-dc1-os1-vm21");

    beforeReload = async () => undefined;
    expect(await pass()).toMatchObject({ publishing: { kind: "published", jobs: 21 }, rejected: [{ name: "vm7" }] });
    expect((await read("published.conf")).match(/Priority = 12/g)).toHaveLength(10);
  }, 240_000);
});

describe("a Director that refuses because of somebody else's file", () => {
  it("with DIRECTOR_LOG: nothing of ours is blamed, and one slot is lost", async () => {
    connect({ readsLog: true });
    live = [vm(1)];
    await pass();
    await bed.addDirectorConf('Job {\n  Name = "theirs"\n  JobDefs = "NoSuchDefs"\n}');
    live = [vm(1), vm(2)];
    expect(await pass()).toEqual({
      publishing: { kind: "directorInvalid", detail: expect.stringMatching(/NoSuchDefs.*extra\.conf/) },
      rejected: [],
      failedChanges: [],
    });
    expect(await slots()).toMatchObject({ burned: 1, trials: 0 });
    expect(await exists("vm2/job.rejected")).toBe(false);
  }, 120_000);

  it("because its catalog is away, with neither: nothing of ours is blamed", async () => {
    connect({});
    live = [vm(1)];
    await pass();
    const good = await read("published.conf");
    await bed.stopCatalog();
    try {
      live = [vm(1), vm(2), vm(3)];
      const { publishing, rejected } = await pass();
      expect(publishing.kind).not.toBe("published");
      expect(publishing.kind).not.toBe("unchanged");
      expect(rejected).toEqual([]);
      expect(await read("published.conf")).toBe(good);
    } finally {
      await bed.startCatalog();
    }
  }, 240_000);
});
