import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition, type ManagedVm, withoutVersions } from "../support/e2e/kube-objects.ts";
import { Site, type SpecOverrides, until } from "../support/e2e/site.ts";

// The table of spec section 4, row by row, on the real Director and the real API server. One fleet lives through all of
// it, so the rows build on one another; what a row takes away for a moment it gives back.

const HERE = "dc1-os1";
const THERE = "dc1-os2";
const SLOW_MS = 60_000;
/** Less than a second: over as soon as the next pass looks. */
const NO_GRACE_DAYS = 0.00001;

interface Vm {
  readonly name: string;
  readonly uuid: string;
  readonly metadata?: string;
}
const uuid = (n: number): string => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;
const vm = (n: number, name: string, metadata = ""): Vm => ({ name, uuid: uuid(n), metadata });

/** VMs that only make the fleet large enough for a few to go without a question (rule 2). */
const PLAIN = Array.from({ length: 10 }, (_, n) => vm(n + 1, `plain${n + 1}`));
const EDITED = vm(11, "edited");
const RETURNS = vm(12, "returns");
const BACKED = vm(13, "backed");
const GONE = vm(14, "gone");
const HELD = vm(15, "held");
const SUSPENDED = vm(16, "suspended");
const RENAMED = vm(17, "renamed");
const OPTS_OUT = vm(18, "opts-out");
const LOST = vm(19, "lost");
const MOVES = vm(20, "moves");
const CHOSEN = vm(21, "chosen");
/** The higher uuid comes first in the answer. */
const TWINS = [vm(32, "twin"), vm(31, "twin")];
const EARLY_TAG = vm(41, "early-tag", " tag=Platinum");
const FORBIDDEN_TAG = vm(42, "forbidden-tag", " tag=Gold");
const NEVER = vm(43, "never", " backup=false");
const FLEET = [EDITED, RETURNS, BACKED, GONE, HELD, SUSPENDED, RENAMED, OPTS_OUT, LOST, MOVES, CHOSEN].concat(
  PLAIN,
  TWINS,
  [EARLY_TAG, FORBIDDEN_TAG, NEVER],
);
const FLEET_THERE = [vm(51, "other1"), vm(52, "other2"), vm(53, "other3")];

let site: Site;
let operator: OperatorProcess;
let live: readonly Vm[] = FLEET;
let spec: SpecOverrides = { interval: "1s", graceDays: 14, allowedJobDefs: ["Plat*"] };
const SPEC_THERE = {
  openstack: "openstack2",
  client: "bacula-dc1-os2-fd",
  proxyServer: "dc1-os2-proxy",
  jobPrefix: "backup-dc1-os2-",
  interval: "1s",
};
beforeAll(async () => {
  site = await Site.open("e2e-situations");
  await site.bacula.addDirectorConf('Schedule {\n  Name = "OwnersCycle"\n  Run = Full sat at 23:50\n}');
  await site.bacula.console("reload");
  await list(FLEET);
  await list(FLEET_THERE, THERE);
  operator = await site.startOperator();
  await site.apply(THERE, SPEC_THERE);
  await change({});
  await whenReady(THERE);
});
afterAll(() => site.close());

async function list(vms: readonly Vm[], of = HERE): Promise<void> {
  if (of === HERE) live = vms;
  const lines = vms.map(({ name, uuid: id, metadata = "" }) => `server=${name} uuid=${id}${metadata}\n`);
  await site.bacula.fleet(`${of}-proxy`, lines.join(""));
}

/** The fleet with some VMs changed by their uuid, and others added. */
function liveWith(...changed: readonly Vm[]): readonly Vm[] {
  const ids = new Set(changed.map(({ uuid: id }) => id));
  return [...live.filter(({ uuid: id }) => !ids.has(id)), ...changed];
}

async function whenReady(name: string): Promise<void> {
  const isReady = ({ metadata, status }: Awaited<ReturnType<Site["client"]>>) =>
    status.observedGeneration === metadata.generation && condition({ status }, "Ready") === "True Succeeded";
  await until(() => site.client(name), isReady, `${name} is Ready under its present spec`, SLOW_MS);
}

/** Changes the spec; resolves when a pass under it has ended well. */
async function change(overrides: SpecOverrides): Promise<void> {
  spec = { ...spec, ...overrides };
  await site.apply(HERE, spec);
  await whenReady(HERE);
}

async function patch(of: Vm, wishes: SpecOverrides): Promise<void> {
  const body = JSON.stringify({ spec: wishes });
  await site.kubernetes.kubectl(["patch", "mvm", await objectOf(of), "-n", "bacula", "--type=merge", "-p", body]);
}
async function objectOf(of: Vm): Promise<string> {
  return (await shown(of)).metadata.name;
}

async function shown({ uuid: id, name }: Vm, client = HERE): Promise<ManagedVm> {
  const found = (await site.managedVms(client)).find((object) => object.spec.uuid === id);
  if (found === undefined) throw new Error(`${client} has no ManagedVM of ${name} ${id}`);
  return found;
}

async function when(of: Vm, isWanted: (object: ManagedVm) => boolean, what: string, client = HERE): Promise<ManagedVm> {
  return until(() => shown(of, client), isWanted, `${of.name}: ${what}`, SLOW_MS);
}
const isIn = (phase: string) => (object: ManagedVm) => object.status.phase === phase;

const file = (slug: string, name = "job", openstack = "openstack1"): string =>
  join(site.bacula.baseDir, "datacenter1", openstack, slug, name);
const job = (slug: string): Promise<string> => readFile(file(slug), "utf8");
const fileset = (slug: string): Promise<string> => readFile(file(slug, "fileset"), "utf8");
const show = (slug: string): Promise<string> => site.bacula.console(`show job=backup-dc1-os1-${slug}`);

async function whenDirectorShows(slug: string, ...texts: readonly string[]): Promise<void> {
  await until(
    () => show(slug),
    (text) => texts.every((part) => text.includes(part)),
    `the Director shows ${texts.join(", ")} of ${slug}`,
    SLOW_MS,
  );
}

/** Resolves when an event with that reason names the VM. */
async function whenTold(reason: string, { name }: Vm): Promise<void> {
  const path = '{range .items[*]}{.reason}{" "}{.message}{"\\n"}{end}';
  await until(
    () => site.kubernetes.kubectl(["get", "events", "-n", "bacula", "-o", `jsonpath=${path}`]),
    (text) => text.split("\n").some((line) => line.startsWith(`${reason} `) && line.includes(name)),
    `an event ${reason} names ${name}`,
    SLOW_MS,
  );
}

/** As a person does it with an editor. */
async function writeByHand(path: string, text: string): Promise<void> {
  await writeFile(`${path}.by-hand`, text);
  await rename(`${path}.by-hand`, path);
}

/** The text with each `from` replaced, which must be in it. */
function replaced(text: string, ...pairs: readonly (readonly [string, string])[]): string {
  let after = text;
  for (const [from, to] of pairs) {
    expect(after).toContain(from);
    after = after.replace(from, to);
  }
  return after;
}

describe("new", () => {
  it("every VM that is not opted out gets a job; of two of one name the lower uuid keeps it", async () => {
    const jobs = await site.directorJobs();
    expect(jobs).toEqual(expect.arrayContaining(["backup-dc1-os1-twin", "backup-dc1-os1-twin-00000032"]));
    expect(jobs.filter((name) => name.startsWith("backup-dc1-os1-"))).toHaveLength(FLEET.length - 1);
    const [higher = NEVER, lower = NEVER] = TWINS;
    expect((await shown(lower)).status.jobName).toBe("backup-dc1-os1-twin");
    expect((await shown(higher)).status.jobName).toBe("backup-dc1-os1-twin-00000032");
    expect((await shown(NEVER)).status).toMatchObject({ phase: "OptedOut" });
  });

  it.each([
    ["does not exist", EARLY_TAG, "False NotFound"],
    ["is not allowed", FORBIDDEN_TAG, "False NotAllowed"],
  ])("a tag whose JobDefs %s: protected with the client's JobDefs, and said so", async (_case, tagged, told) => {
    const object = await shown(tagged);
    expect(object.status).toMatchObject({ phase: "Active", jobDefs: { name: "DefaultJob", from: "Global" } });
    expect(condition(object, "PolicyAccepted")).toBe(told);
    expect(condition(object, "Published")).toBe("True Published");
    expect(await job(tagged.name)).toContain('JobDefs    = "DefaultJob"');
    await whenTold("JobDefsRefused", tagged);
  });
});

describe("changed policy", () => {
  it("changes the lines that are the old policy's; what a person wrote stays", async () => {
    // Asked for again after a minute at most: looked at further below.
    await site.bacula.addDirectorConf(
      'JobDefs {\n  Name = "Platinum"\n  Type = Backup\n  Level = Full\n  Storage = File1\n  Pool = GoldPool\n  Schedule = "OwnersCycle"\n  Messages = Standard\n}',
    );
    await site.bacula.console("reload");

    const plain = await job("plain1");
    const byHand = replaced(
      await job("edited"),
      ['Schedule   = "WeeklyCycle"', 'Schedule = "OwnersCycle"   # as the owner wants it'],
      ["  Enabled", "  Priority = 7\n  Enabled"],
    );
    await writeByHand(file("edited"), byHand);
    await whenDirectorShows("edited", "OwnersCycle");

    await change({ pool: "GoldPool", schedule: "DailyCycle" });
    const pool = ['Pool       = "Default"', 'Pool       = "GoldPool"'] as const;
    const schedule = ['Schedule   = "WeeklyCycle"', 'Schedule   = "DailyCycle"'] as const;
    expect(await job("plain1")).toBe(replaced(plain, pool, schedule));
    expect(await job("edited")).toBe(replaced(byHand, pool));
    await whenDirectorShows("plain1", "GoldPool", "DailyCycle");
    await whenDirectorShows("edited", "GoldPool", "OwnersCycle");
  });
});

describe("while VMs go, come and change", () => {
  const RENAMED_NOW = { ...RENAMED, name: "Another Name" };
  const SUCCESSOR = vm(61, "gone");
  const texts = new Map<string, string>();
  const textBefore = (slug: string): string => texts.get(slug) ?? "";
  /** Less one line. */
  const without = (text: string, line: RegExp): string => text.replace(line, "");

  beforeAll(async () => {
    await site.bacula.console('run job="backup-dc1-os1-backed" yes\nrun job="backup-dc1-os1-lost" yes\nwait');
    for (const ran of [BACKED, LOST]) await when(ran, ({ status }) => status.lastBackup !== undefined, "was backed up");
    await patch(HELD, { hold: { reason: "legal" } });
    await patch(SUSPENDED, { suspend: { reason: "migration" } });
    await patch(CHOSEN, { jobDefs: "LinuxVMJob" });
    await when(HELD, ({ status, metadata }) => status.observedGeneration === metadata.generation, "is held");
    await when(SUSPENDED, (object) => condition(object, "Paused") !== undefined, "is suspended");
    await when(CHOSEN, ({ status }) => status.jobDefs?.from === "Person", "has the JobDefs of a person");
    for (const { name } of FLEET) if (name !== NEVER.name) texts.set(name, await job(name).catch(() => ""));

    const away = new Set([RETURNS, BACKED, GONE, HELD, SUSPENDED, MOVES].map(({ uuid: id }) => id));
    await list([...FLEET_THERE, MOVES], THERE);
    live = live.filter(({ uuid: id }) => !away.has(id));
    await list(liveWith(RENAMED_NOW, SUCCESSOR, { ...OPTS_OUT, metadata: " backup=False " }));
    for (const absent of [RETURNS, BACKED, GONE, HELD, MOVES]) await when(absent, isIn("Missing"), "is missing");
  });

  it("disappeared: missing-since is written, the job stays enabled for the grace time", async () => {
    const text = await job("backed");
    expect(text).toMatch(/^#@missing-since: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/mu);
    expect(without(text, /^#@missing-since:.*\n/mu)).toBe(textBefore("backed"));
    const { missingSince = "", disableAt = "" } = (await shown(BACKED)).status;
    const graceMs = Date.parse(disableAt) - Date.parse(missingSince);
    expect(graceMs).toBeGreaterThanOrEqual(14 * 86_400_000);
    expect(await show("backed")).toContain("Enabled=1");
    await whenTold("Missing", BACKED);
  });

  it("returned: no trace is left", async () => {
    await list(liveWith(RETURNS));
    const back = await when(RETURNS, isIn("Active"), "is active");
    expect(back.status).not.toHaveProperty("missingSince");
    expect(await job("returns")).toBe(textBefore("returns"));
    await whenTold("Returned", RETURNS);
  });

  it("suspended: absence is not counted, not a byte changes", async () => {
    const object = await shown(SUSPENDED);
    expect(object.status).toMatchObject({ phase: "Active" });
    expect(condition(object, "Paused")).toBe("True Suspended");
    expect(await job("suspended")).toBe(textBefore("suspended"));
  });

  it("renamed: only #@vm moves", async () => {
    await when(RENAMED, ({ spec: { vmName } }) => vmName === "Another Name", "shows its new name");
    expect(await job("renamed")).toBe(replaced(textBefore("renamed"), ["#@vm: renamed\n", "#@vm: Another Name\n"]));
    expect(await objectOf(RENAMED)).toBe("backup-dc1-os1-renamed");
  });

  it("a new VM under the name of one that is gone gets a job of its own, and the old one goes its way", async () => {
    const successor = await when(SUCCESSOR, isIn("Active"), "is active");
    expect(successor.status.jobName).toBe("backup-dc1-os1-gone-00000061");
    expect(await fileset("gone-00000061")).toContain(SUCCESSOR.uuid);
    expect(await fileset("gone")).toContain(GONE.uuid);
    expect(await job("gone")).toContain("#@missing-since:");
    expect(await site.directorJobs()).toEqual(
      expect.arrayContaining(["backup-dc1-os1-gone", "backup-dc1-os1-gone-00000061"]),
    );
  });

  it("a VM that moves to another client is absent here and new there", async () => {
    expect((await shown(MOVES)).status).toMatchObject({ phase: "Missing", jobName: "backup-dc1-os1-moves" });
    const there = await when(MOVES, isIn("Active"), "is active there", THERE);
    expect(there.status.jobName).toBe("backup-dc1-os2-moves");
    expect(await site.directorJobs()).toContain("backup-dc1-os2-moves");
  });

  it("opted out, Leave: an existing job stays as it is", async () => {
    await when(OPTS_OUT, isIn("OptedOut"), "is opted out");
    expect(await job("opts-out")).toBe(textBefore("opts-out"));
    expect(await show("opts-out")).toContain("Enabled=1");
  });

  it("grace is over: disabled, but for a VM that is held or suspended", async () => {
    await change({ graceDays: NO_GRACE_DAYS });
    try {
      for (const gone of [BACKED, GONE, MOVES]) await when(gone, isIn("Disabled"), "is disabled");
      await site.pass(HERE, "after-the-disables");
    } finally {
      await change({ graceDays: 14 });
    }
    for (const { name } of [BACKED, GONE, MOVES]) {
      expect(await job(name)).toMatch(/^#@disabled: +\d{4}-/mu);
      expect(await job(name)).toContain("Enabled    = no");
      await whenDirectorShows(name, "Enabled=0");
    }
    expect((await shown(BACKED)).status.disabledSince).toBeDefined();
    const held = await shown(HELD);
    expect(held.status).toMatchObject({ phase: "Missing" });
    expect(held.status).not.toHaveProperty("disableAt");
    expect(without(await job("held"), /^#@missing-since:.*\n/mu)).toBe(textBefore("held"));
    expect(await show("held")).toContain("Enabled=1");
    expect(await job("suspended")).toBe(textBefore("suspended"));
    expect((await shown(MOVES, THERE)).status).toMatchObject({ phase: "Active" });
  });

  it("restored: enabled again, under its name and with its history", async () => {
    const { lastBackup } = (await shown(BACKED)).status;
    expect(lastBackup).toBeDefined();
    await list(liveWith(BACKED));
    const back = await when(BACKED, isIn("Active"), "is active");
    expect(back.status).toMatchObject({ jobName: "backup-dc1-os1-backed", lastBackup });
    expect(condition(back, "BackedUp")).toBe("True GoodBackup");
    const text = await job("backed");
    expect(text).toMatch(/^#@reenabled: +\d{4}-/mu);
    expect(text).toContain("#@status:        active\n");
    expect(text).not.toContain("#@missing-since");
    await whenDirectorShows("backed", "Enabled=1");
    await whenTold("Restored", BACKED);
  });

  it("opted out, Disable: the job is disabled, and none is made for a new VM", async () => {
    await change({ optOutAction: "Disable" });
    await whenDirectorShows("opts-out", "Enabled=0");
    const text = await job("opts-out");
    expect(without(text, /^#@disabled:.*\n/mu)).toBe(
      replaced(
        textBefore("opts-out"),
        ["#@status:        active", "#@status:        disabled"],
        ["Enabled    = yes", "Enabled    = no"],
      ),
    );
    expect((await shown(OPTS_OUT)).status).toMatchObject({ phase: "OptedOut" });
    expect(await site.directorJobs()).not.toContain("backup-dc1-os1-never");
  });
});

describe("known to the catalog, but the job file is missing", () => {
  const isInDirector = async (): Promise<boolean> => (await site.directorJobs()).includes("backup-dc1-os1-lost");

  it("healMissingFiles: it is written again, under its name and with its history, and told", async () => {
    const { lastBackup } = (await shown(LOST)).status;
    await rm(file("lost"));
    await until(
      () => job("lost"),
      (text) => text.includes(LOST.uuid),
      "the job file is back",
      SLOW_MS,
    );
    await whenTold("JobFileMissing", LOST);
    await whenReady(HERE);
    expect((await shown(LOST)).status).toMatchObject({ phase: "Active", jobName: "backup-dc1-os1-lost", lastBackup });
    expect(await isInDirector()).toBe(true);
  });

  it("healMissingFiles: false leaves it, says so, and counts the VM unprotected", async () => {
    await change({ healMissingFiles: false });
    const unprotected = async () => (await site.client(HERE)).status.counts?.unprotected ?? 0;
    const before = await unprotected();
    try {
      await rm(file("lost"));
      await when(LOST, (object) => condition(object, "Ready") === "False JobFileMissing", "its file is missing");
      await until(unprotected, (count) => count === before + 1, "it counts as unprotected", SLOW_MS);
      await site.pass(HERE, "file-still-missing");
      await expect(job("lost")).rejects.toThrow("ENOENT");
    } finally {
      await change({ healMissingFiles: true });
    }
    await until(isInDirector, (is) => is, "the Director has it again", SLOW_MS);
    await until(unprotected, (count) => count === before, "it is protected", SLOW_MS);
    expect((await shown(LOST)).status).toMatchObject({ phase: "Active", jobName: "backup-dc1-os1-lost" });
  });
});

describe("a tag whose JobDefs came to the Director later", () => {
  it("is followed, and that JobDefs drives schedule and pool", async () => {
    const followed = await when(EARLY_TAG, ({ status }) => status.jobDefs?.from === "Tag", "follows its tag");
    expect(followed.status.jobDefs).toEqual({ name: "Platinum", from: "Tag" });
    expect(condition(followed, "PolicyAccepted")).toBe("True Accepted");
    const text = await job("early-tag");
    expect(text).toContain('JobDefs    = "Platinum"');
    expect(text).not.toMatch(/^ +(?:Pool|Schedule|Storage|Messages) /mu);
    await whenDirectorShows("early-tag", "OwnersCycle");
    expect(condition(await shown(FORBIDDEN_TAG), "PolicyAccepted")).toBe("False NotAllowed");
  });
});

describe("the objects lost, the volume still there", () => {
  /** All statuses; when a job is to be disabled moves on by what nobody saw of the absence meanwhile. */
  async function statuses() {
    const objects = [...(await site.managedVms(HERE)), ...(await site.managedVms(THERE))];
    return objects.map((object) => {
      const { status, ...rest } = withoutVersions(object);
      const { disableAt, ...told } = status;
      return { ...rest, status: told, willBeDisabled: disableAt !== undefined };
    });
  }

  beforeAll(async () => {
    live = live.filter((each) => each !== RETURNS);
    await list(live);
    await when(RETURNS, isIn("Missing"), "is missing");
  });

  it.each([
    [
      "every ManagedVM is deleted",
      async () => site.kubernetes.kubectl(["delete", "mvm", "--all", "-n", "bacula", "--wait=false"]),
    ],
    [
      "the OpenStackClient is deleted and made again",
      async () => {
        await site.remove(HERE);
        await site.apply(HERE, spec);
      },
    ],
    [
      "etcd is empty",
      async () => {
        await operator.kill();
        await site.loseCluster();
        operator = await site.startOperator({}, "anew");
        await site.apply(HERE, spec);
        await site.apply(THERE, SPEC_THERE);
      },
    ],
  ])("%s: every status comes back the same", async (_case, lose) => {
    const before = await statuses();
    expect(new Set(before.map(({ status }) => status.phase))).toEqual(
      new Set(["Active", "Missing", "Disabled", "OptedOut"]),
    );
    const uids = new Set((await site.managedVms()).map(({ metadata }) => metadata.uid));
    const jobs = await site.directorJobs();
    await lose();
    const after = async () => {
      const objects = await site.managedVms(HERE);
      expect(objects.filter(({ metadata }) => uids.has(metadata.uid))).toEqual([]);
      expect(await statuses()).toEqual(before);
      return true;
    };
    await until(after, (same) => same, "all is shown as before", 90_000);
    await whenReady(HERE);
    expect(await site.directorJobs()).toEqual(jobs);
  });
});
