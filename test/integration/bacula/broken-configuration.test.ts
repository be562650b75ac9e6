import { randomUUID } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { createDirector } from "../../../src/bacula/director.ts";
import type { Discovery } from "../../../src/domain/discovery/discovery.ts";
import type { Director } from "../../../src/sync/ports.ts";
import { SyncRunner } from "../../../src/sync/sync-runner.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { FRONT_END, POLICY } from "../../support/policy.ts";
import { listed, vm } from "../../support/sync/played-world.ts";

const never = new AbortController().signal;
const SOMEBODY_ELSES = 'Job {\n  Name = "theirs"\n  JobDefs = "NoSuchDefs"\n}\n';

let bed: BaculaBed;
let discovery: Discovery = listed();
beforeAll(async () => {
  bed = await startBaculaBed({ name: "bacula-broken-configuration" });
}, 300_000);
afterAll(() => bed?.wipe());
afterEach(() => writeFile(bed.extraDirectorConf, ""));

function directorWith(command: readonly string[] | undefined, timeoutMs = 60_000): Director {
  return createDirector({
    bconsolePath: bed.bconsolePath,
    bconsoleConf: bed.restrictedBconsoleConf,
    timeoutMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
    test: command === undefined ? undefined : { command, timeoutMs },
    clock: Date,
  });
}
const testing = () => directorWith(bed.directorTestCommand.split(" "));

function volume() {
  return createVolume({
    baseDir: bed.baseDir,
    directorBaseDir: bed.baseDir,
    timeZone: "UTC",
    lockWaitMs: 5_000,
    clock: Date,
    newId: randomUUID,
  });
}

/** A process of its own that publishes to the real Director what `discovery` says at each call. */
function publisher(director: Director) {
  const catalog = {
    history: async () => ({ kind: "read", history: new Map(), catalogNowMs: Date.now() }) as const,
  };
  const ports = { director: { ...director, listVms: async () => discovery }, catalog, volume: volume(), clock: Date };
  const runner = new SyncRunner(ports, { gatherMs: 0, signal: never });
  return async (policy = POLICY) => {
    const request = { policy, personal: () => () => undefined, maxSightGapMs: 600_000, frontEnd: FRONT_END };
    const { outcome } = await runner.run(request, never);
    if (outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(outcome)}`);
    return outcome.publishing;
  };
}

const publishedFile = () => join(bed.baseDir, "datacenter1/openstack1/published.conf");
const slotsFile = () => join(bed.baseDir, ".bacula-openstack-sync/reload-slots.json");
const refusedFile = () => join(bed.baseDir, ".bacula-openstack-sync/refused-content.json");
const hasJob = async (name: string) => {
  const jobs = await directorWith(undefined).backupJobs(never);
  return jobs.kind === "answered" && jobs.value.has(name);
};

describe("DIRECTOR_TEST_COMMAND", () => {
  it("finds the configuration sound, or names the file and the line", async () => {
    expect(await testing().testConfiguration(never)).toEqual({ kind: "sound" });
    await bed.addDirectorConf(SOMEBODY_ELSES);
    expect(await testing().testConfiguration(never)).toEqual({
      kind: "broken",
      detail: expect.stringMatching(/NoSuchDefs.*\(line 3 of .*extra\.conf\)$/),
      file: bed.extraDirectorConf,
      line: 3,
    });
  });

  it("says that it is not there, or could not tell", async () => {
    expect(await directorWith(undefined).testConfiguration(never)).toEqual({ kind: "notConfigured" });
    for (const [command, detail] of [
      [["/no/such/bacula-dir", "-t"], /no executable \/no\/such\/bacula-dir/],
      [["sh", "-c", "exit 7"], /exit code 7/],
      [["sleep", "30"], /did not end within 300 ms/],
      [["sh", "-c", "kill -9 $$"], /was killed/],
    ] as const) {
      const answer = await directorWith(command, 300).testConfiguration(never);
      expect(answer).toEqual({ kind: "unknown", detail: expect.stringMatching(detail) });
    }
  });

  it("is no shell's, speaks C, and knows no secret of ours", async () => {
    const script = `printf '%s\\n' "Config error: $1 $LC_ALL \${PGPASSWORD-unset}"; exit 1`;
    vi.stubEnv("PGPASSWORD", "secret-of-ours");
    const answer = await directorWith(["sh", "-c", script, "sh", "$(id)"]).testConfiguration(never);
    vi.unstubAllEnvs();
    expect(answer).toEqual({ kind: "broken", detail: "$(id) C unset" });
  });

  it("names our published file when it is our text that is wrong", async () => {
    await volume().withLock(async (tree) => {
      const text = '# from x/job\nJob {\n  Name = "x"\n  Foo = bar\n}\n';
      const swap = await tree.swapPublished(new Map([[POLICY, text]]), never);
      const answer = await testing().testConfiguration(never);
      expect(answer).toMatchObject({ kind: "broken", file: publishedFile(), line: 4 });
      expect(tree.publishedAt(publishedFile())).toMatchObject({ kind: "published", openstack: "openstack1" });
      await swap.putBack();
      expect(await testing().testConfiguration(never)).toEqual({ kind: "sound" });
    }, never);
  });
});

describe("a publish with DIRECTOR_TEST_COMMAND", () => {
  it("into somebody else's broken configuration waits until it is mended, and costs no reload slot", async () => {
    await bed.addDirectorConf(SOMEBODY_ELSES);
    discovery = listed(vm(1));
    expect(await publisher(testing())()).toEqual({
      kind: "directorInvalid",
      detail: expect.stringContaining("extra.conf"),
    });
    await expect(readFile(publishedFile())).rejects.toThrow(/ENOENT/);
    await expect(readFile(slotsFile())).rejects.toThrow(/ENOENT/);
    await writeFile(bed.extraDirectorConf, "");
    expect(await publisher(testing())()).toEqual({ kind: "published", jobs: 1 });
    expect(await hasJob("backup-dc1-os1-vm1")).toBe(true);
  });

  it("of what this Director does not take is rejected by file and line, and costs no reload slot", async () => {
    const good = await readFile(publishedFile(), "utf8");
    discovery = listed(vm(1), vm(2));
    // A community Director knows no such dedup.
    expect(await publisher(testing())({ ...POLICY, dedup: "sha256" })).toEqual({ kind: "unchanged" });
    const rejected = await readFile(join(bed.baseDir, "datacenter1/openstack1/vm2/job.rejected"), "utf8");
    expect(rejected).toMatch(
      /^# Rejected: the Director refuses it: .*keyword.*sha256.*\(line \d+ of .*published\.conf\)$/im,
    );
    expect(await readFile(publishedFile(), "utf8")).toBe(good);
    await expect(readFile(slotsFile())).rejects.toThrow(/ENOENT/);
    expect(await directorWith(undefined).reload(never)).toEqual({ kind: "reloaded" });
    await rm(join(bed.baseDir, "datacenter1/openstack1/vm2"), { recursive: true });
  });
});

describe("40 refused publishes in a row", () => {
  /** Each has one more new VM. */
  async function publishAnew(director: Director, policy = POLICY) {
    const publish = publisher(director);
    const kinds: string[] = [];
    for (let time = 0; time < 40; time++) {
      discovery = listed(vm(1), ...Array.from({ length: time + 1 }, (_, index) => vm(100 + index)));
      kinds.push((await publish(policy)).kind);
    }
    return kinds;
  }

  it("into somebody else's broken configuration lose two reload slots", async () => {
    await bed.restartDirector();
    await bed.addDirectorConf(SOMEBODY_ELSES);
    const kinds = await publishAnew(directorWith(undefined));
    expect(new Set(kinds)).toEqual(new Set(["directorInvalid"]));
    expect(JSON.parse(await readFile(slotsFile(), "utf8"))).toMatchObject({ burned: 2, trials: 0 });
    await Promise.all([slotsFile(), refusedFile()].map((file) => rm(file)));
    await removeVms();
  }, 240_000);

  it("of what the Director does not take leave slots to the administrator, and one start of it gives all back", async () => {
    await bed.restartDirector();
    const director = directorWith(undefined);
    const kinds = await publishAnew(director, { ...POLICY, dedup: "sha256" });
    const { burned, trials } = JSON.parse(await readFile(slotsFile(), "utf8")) as Record<string, number>;
    // The first publish has two changes that are refused, since the FileSet of vm1 follows the policy too: one trial each.
    expect({ burned, trials }).toEqual({ burned: 24, trials: 2 });
    expect(kinds.at(-1)).toBe("busy");
    expect(await director.reload(never)).toEqual({ kind: "reloaded" });

    // As if the slots had been lost by the Director before: its start is told to the minute, too long to wait for here.
    await removeVms();
    discovery = listed(vm(1), vm(3));
    const publish = publisher(director);
    expect(await publish()).toMatchObject({ kind: "busy", reason: "OutOfReloadSlots" });
    const slots: unknown = JSON.parse(await readFile(slotsFile(), "utf8"));
    expect(slots).toMatchObject({ startTime: expect.stringMatching(/^\d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d$/) });
    await writeFile(slotsFile(), JSON.stringify({ burned: 24, startTime: "24-Nov-20 12:12" }));
    expect(await publish()).toMatchObject({ kind: "published" });
    expect(await hasJob("backup-dc1-os1-vm3")).toBe(true);
  }, 300_000);

  /** Those that were never published. */
  async function removeVms(): Promise<void> {
    const folder = join(bed.baseDir, "datacenter1/openstack1");
    for (const name of await readdir(folder))
      if (/^vm1\d\d$/.test(name)) await rm(join(folder, name), { recursive: true });
  }
});

describe("a published file with which the Director would not start", () => {
  it("is mended by a blind pass while the Director is down, and then it starts", async () => {
    await bed.addDirectorConf('Pool {\n  Name = "Temporary"\n  PoolType = Backup\n}');
    await bed.restartDirector();
    discovery = listed(vm(41), vm(42));
    const policy = { ...POLICY, openstack: "openstack9", jobPrefix: "backup-dc1-os9-" };
    const publish = publisher(testing());
    expect(await publish(policy)).toMatchObject({ kind: "published" });
    const job = join(bed.baseDir, "datacenter1/openstack9/vm41/job");
    await writeFile(job, (await readFile(job, "utf8")).replace('= "Default"', '= "Temporary"'));
    expect(await publish(policy)).toMatchObject({ kind: "published" });
    await bed.stopDirector();
    await writeFile(bed.extraDirectorConf, "");
    await expect(bed.startDirector()).rejects.toThrow(/Temporary/);

    discovery = { kind: "failed", reason: "EmptyAnswer", detail: "" };
    expect(await publisher(testing())(policy)).toMatchObject({ kind: "failed", reason: "DirectorUnreachable" });
    await bed.startDirector();
    const jobs = await testing().backupJobs(never);
    expect(jobs.kind === "answered" && [...jobs.value].filter((name) => name.startsWith("backup-dc1-os9-"))).toEqual([
      "backup-dc1-os9-vm42",
    ]);
  }, 180_000);
});
