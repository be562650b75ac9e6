import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition, message, type OpenStackClient } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";
import {
  forgetReadOnly,
  mountSmallVolume,
  prepareReadOnly,
  turnReadOnly,
  turnWritable,
  unmountLeftover,
  unmountSmallVolume,
} from "../support/e2e/small-volume.ts";
import { readBaseDir } from "../support/e2e/tree.ts";

const BED = "e2e-interrupted";
const CLIENT = "dc1-os1";
const SLOW_MS = 60_000;
/** A lease would only make the second operator wait for the first one's to end. */
const ALONE = { LEADER_ELECT: "0" };

let site: Site;
let operator: OperatorProcess;
let vms = 3;
beforeAll(async () => {
  unmountLeftover(BED);
  site = await Site.open(BED);
  mountSmallVolume(site.bacula.baseDir, "64m");
  await list();
  operator = await site.startOperator(ALONE);
  await site.apply(CLIENT, { interval: "1s" });
  await whenAllProtected();
});
afterAll(async () => {
  unmountSmallVolume(site.bacula.baseDir);
  await site.close();
});

const name = (index: number): string => `vm${index}`;

async function list(): Promise<void> {
  const lines = Array.from({ length: vms }, (_, n) => {
    const digits = String(n).padStart(12, "0");
    return `server=${name(n)} uuid=00000000-0000-4000-8000-${digits}\n`;
  });
  await site.bacula.fleet("dc1-os1-proxy", lines.join(""));
}

async function add(count: number): Promise<void> {
  vms += count;
  await list();
}

function when(isWanted: (client: OpenStackClient) => boolean, what: string): Promise<OpenStackClient> {
  return until(() => site.client(CLIENT), isWanted, what, SLOW_MS);
}

/** Every VM has its two files, its job in the Director and its ManagedVM, and nothing else is there. */
async function whenAllProtected(): Promise<void> {
  const wanted = Array.from({ length: vms }, (_, n) => name(n));
  await until(
    () => site.directorJobs(),
    (jobs) => wanted.every((vm) => jobs.includes(`backup-dc1-os1-${vm}`)),
    `the Director has all ${vms} jobs`,
    SLOW_MS,
  );
  await when(
    (client) => condition(client, "Ready") === "True Succeeded" && client.status.counts?.active === vms,
    `Ready with ${vms} VMs`,
  );
  const objects = await site.managedVms(CLIENT);
  expect(objects.filter((object) => condition(object, "Ready") === "True Succeeded")).toHaveLength(vms);
  const files = await readBaseDir(site.bacula.baseDir);
  expectWhole(files);
  expect([...files.keys()].sort()).toEqual(
    [
      "include.conf",
      "datacenter1/openstack1/published.conf",
      ...wanted.flatMap((vm) => ["job", "fileset"].map((file) => `datacenter1/openstack1/${vm}/${file}`)),
    ].sort(),
  );
}

/** No file that the Director or the next pass could read is cut short, and no job is without its fileset. */
function expectWhole(files: ReadonlyMap<string, string>): void {
  const paths = [...files.keys()];
  const ours = paths.filter((path) => /\/(?:job|fileset)$/u.test(path));
  expect(ours.filter((path) => files.get(path)?.endsWith("\n}\n") !== true)).toEqual([]);
  expect(ours.filter((path) => path.endsWith("/job") && !files.has(path.replace(/job$/u, "fileset")))).toEqual([]);
}

const clientFolder = (): string => join(site.bacula.baseDir, "datacenter1/openstack1");
const publishedText = (): string => readFileSync(join(clientFolder(), "published.conf"), "utf8");
const hasJob = (index: number): boolean => existsSync(join(clientFolder(), name(index), "job"));
const folders = (): number => readdirSync(clientFolder()).filter((entry) => entry.startsWith("vm")).length;

/** Without a pause in between: what is waited for lasts some milliseconds. */
async function watch(isThere: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + SLOW_MS;
  while (!isThere()) {
    if (performance.now() > deadline) throw new Error(`not within ${SLOW_MS / 1000} s: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("a Director that is killed in the middle of a batch of new VMs", () => {
  it.each([
    ["while the job files are written", () => folders() > vms - 95],
    ["when the published file is swapped in", () => publishedText().includes(`# from ${name(vms - 1)}/job`)],
  ])("starts again with what is on the volume, and all converges: %s", async (what, isMoment) => {
    await add(100);
    await watch(isMoment, what);
    await site.bacula.killDirector();
    try {
      expectWhole(await readBaseDir(site.bacula.baseDir));
    } finally {
      await site.bacula.startDirector();
    }
    await whenAllProtected();
    expect((await site.client(CLIENT)).status.counts).toMatchObject({ live: vms, active: vms, rejected: 0 });
  });
});

describe("a volume that turns read-only in the middle of a batch of 200 new VMs", () => {
  beforeAll(() => prepareReadOnly(site.bacula.baseDir));
  afterAll(() => forgetReadOnly(site.bacula.baseDir));

  /** A batch that was faster than the mount is followed by another one. */
  async function turnReadOnlyInTheMiddle(what: string, isMoment: () => boolean): Promise<void> {
    for (let batch = 0; batch < 5; batch++) {
      await add(200);
      await watch(isMoment, what);
      turnReadOnly(site.bacula.baseDir);
      if (!publishedText().includes(`# from ${name(vms - 1)}/job`)) return;
      turnWritable(site.bacula.baseDir);
      await whenAllProtected();
    }
    throw new Error("every batch was published before the volume was read-only");
  }

  it.each([
    ["while they are prepared", () => folders() > vms - 180],
    ["while they take their places", () => hasJob(vms - 200)],
  ])("has no half file, says so, and gets the rest when it can be written again: %s", async (what, isMoment) => {
    await turnReadOnlyInTheMiddle(what, isMoment);
    try {
      const client = await when((object) => condition(object, "Published") === "False NotWritable", "it is told");
      expect(condition(client, "Ready")).toBe("False NotWritable");
      const files = await readBaseDir(site.bacula.baseDir);
      expectWhole(files);
      await site.pass(CLIENT, what.replaceAll(" ", "-"));
      expect(await readBaseDir(site.bacula.baseDir)).toEqual(files);
      await site.bacula.restartDirector();
    } finally {
      turnWritable(site.bacula.baseDir);
    }
    await whenAllProtected();
  });
});

describe("a volume that is full in the middle of a batch of 200 new VMs", () => {
  /** Room for some of the batch: each of its 400 files and 200 folders takes a block or more. */
  const ROOM_BYTES = 500_000;

  it("has no half file, says so, and gets the rest when there is room again", async () => {
    const ballast = join(site.bacula.baseDir, "ballast");
    const { bavail, bsize } = statfsSync(site.bacula.baseDir);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - ROOM_BYTES));
    try {
      await add(200);
      const client = await when((object) => condition(object, "Published") === "False NoSpace", "it is told");
      expect(condition(client, "Ready")).toBe("False NoSpace");
      const files = new Map(await readBaseDir(site.bacula.baseDir));
      files.delete("ballast");
      expectWhole(files);
      const written = Array.from({ length: vms }, (_, n) => n).filter(hasJob).length;
      expect(written).toBeGreaterThan(vms - 200);
      expect(written).toBeLessThan(vms);
    } finally {
      rmSync(ballast);
    }
    await whenAllProtected();
  });
});

describe("a Director whose configuration has an error of its own while a VM is added", () => {
  const SOMEBODY_ELSES = 'Job {\n  Name = "theirs"\n  JobDefs = "NoSuchDefs"\n}';
  afterEach(() => writeFile(site.bacula.extraDirectorConf, ""));

  it("without a command that tests it: the last good bytes stay in force, and all converges once it is mended", async () => {
    const good = publishedText();
    await site.bacula.addDirectorConf(SOMEBODY_ELSES);
    await add(1);
    const client = await when((object) => condition(object, "Published")?.startsWith("False") === true, "it is told");
    expect(["False DirectorRefused", "False ErrorOutsideOurFiles"]).toContain(condition(client, "Published"));
    expect(await readFile(join(clientFolder(), "published.conf"), "utf8")).toBe(good);
    expect(await site.directorJobs()).toContain(`backup-dc1-os1-${name(vms - 2)}`);

    await site.bacula.stopDirector();
    await expect(site.bacula.startDirector()).rejects.toThrow("NoSuchDefs");
    await writeFile(site.bacula.extraDirectorConf, "");
    await site.bacula.startDirector();
    // What was refused is asked again after an hour, and at once when something changes.
    await add(1);
    await whenAllProtected();
  });

  it("with DIRECTOR_TEST_COMMAND: it is not even reloaded, nothing of ours is blamed, and it is taken once mended", async () => {
    await operator.stop();
    operator = await site.startOperator(
      { ...ALONE, DIRECTOR_TEST_COMMAND: site.bacula.directorTestCommand },
      "testing",
    );
    const good = publishedText();
    const log = await site.bacula.daemonLog();
    await site.bacula.addDirectorConf(SOMEBODY_ELSES);
    await add(1);
    const client = await when(
      (object) => condition(object, "DirectorConfigInvalid") === "True ErrorOutsideOurFiles",
      "it is told",
    );
    expect(condition(client, "Ready")).toBe("False ErrorOutsideOurFiles");
    expect(message(client, "DirectorConfigInvalid")).toContain("extra.conf");
    expect(publishedText()).toBe(good);
    expect(await site.directorJobs()).toContain(`backup-dc1-os1-${name(vms - 2)}`);
    expect((await site.bacula.daemonLog()).slice(log.length)).not.toContain("NoSuchDefs");

    await writeFile(site.bacula.extraDirectorConf, "");
    await whenAllProtected();
    expect(condition(await site.client(CLIENT), "DirectorConfigInvalid")).toBeUndefined();
    await site.bacula.restartDirector();
    await whenAllProtected();
  });
});
