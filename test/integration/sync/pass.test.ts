import { existsSync } from "node:fs";
import { chmod, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const FOLDER = "datacenter1/openstack1";
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

describe("a first pass", () => {
  it("writes a job and a fileset for each VM, publishes them once and the Director has them", async () => {
    world.discovery = listed(
      vm(1, "web 01"),
      vm(2),
      vm(3, "db", { jobDefsTag: "Gold" }),
      vm(4, "scratch", { optedOut: true }),
    );
    const outcome = passed(await world.pass());

    expect(outcome.publishing).toEqual({ kind: "published", jobs: 3 });
    expect([...world.loadedJobs]).toEqual([
      "backup-dc1-os1-db",
      "backup-dc1-os1-vm2",
      "backup-dc1-os1-web_01-00000000",
    ]);
    expect(world.calls.filter((call) => call === "reload")).toHaveLength(1);
    expect(outcome.vms.map(({ name, publishing }) => [name, publishing.kind])).toEqual([
      ["web 01", "published"],
      ["vm2", "published"],
      ["db", "published"],
      ["scratch", "none"],
    ]);
    const db = await world.file(`${FOLDER}/db/job`);
    expect(db).toContain('JobDefs    = "Gold"');
    expect(db).not.toContain("Pool ");
    expect(db).toContain('Storage    = "File1"');
  });

  it("tells of new VMs when their files are there and before the Director reloads", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3, "scratch", { optedOut: true }));
    const told: string[] = [];
    world.onWritten = (vms) => {
      for (const { name, slug } of vms) told.push(`${name} ${slug}`);
      expect(existsSync(join(world.baseDir, FOLDER, "vm2/job"))).toBe(true);
      expect(world.calls).not.toContain("reload");
    };
    await world.pass();
    expect(told).toEqual(["vm1 vm1", "vm2 vm2"]);
    expect(world.calls).toContain("reload");
    await world.pass();
    expect(told).toHaveLength(2);
  });

  it("does nothing at all the second time", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    const before = await world.files();
    world.calls.length = 0;
    const outcome = passed(await world.pass());
    expect(outcome.publishing).toEqual({ kind: "unchanged" });
    expect(world.calls).toEqual(["listVms"]);
    expect(await world.files()).toEqual(before);
  });

  it("gives the same tree after a restart of the process", async () => {
    world.discovery = listed(vm(1), vm(2, "x"), vm(3, "x"));
    await world.pass();
    const before = await world.files();
    world.restart();
    world.calls.length = 0;
    await world.pass();
    expect(await world.files()).toEqual(before);
    expect(world.calls).not.toContain("reload");
  });
});

describe("a blind pass changes nothing", () => {
  it.each([
    { kind: "failed", reason: "EmptyAnswer", detail: "" },
    { kind: "failed", reason: "ClientUnreachable", detail: "" },
    { kind: "suspicious", reason: "AbsencesNotConfirmed", detail: "" },
  ] as const)("%j", async (discovery) => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    const before = await world.files();
    world.discovery = discovery;
    const outcome = passed(await world.pass());
    expect(outcome.vms.map(({ sighting }) => sighting)).toEqual(["unseen", "unseen"]);
    expect(await world.files()).toEqual(before);
  });
});

describe("a pass that cannot trust the catalog or its clock is blind", () => {
  it.each([
    { kind: "unknown", reason: "Unreachable", detail: "" },
    { kind: "read", history: new Map(), catalogNowMs: Date.UTC(2026, 10, 24, 12, 5, 1) },
  ] as const)("%j", async (catalog) => {
    world.discovery = listed(vm(1));
    await world.pass();
    const before = await world.files();
    world.catalog = catalog;
    world.discovery = listed(vm(2));
    await world.pass();
    expect(await world.files()).toEqual(before);
  });
});

describe("policy", () => {
  it("is applied where it changed and leaves a person's edit alone", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    const edited = (await world.file(`${FOLDER}/vm2/job`)).replace('"Default"', '"Silver"  # mine');
    await writeFile(join(world.baseDir, FOLDER, "vm2/job"), edited);
    await world.pass({ ...POLICY, pool: "GoldPool" });
    expect(await world.file(`${FOLDER}/vm1/job`)).toContain('Pool       = "GoldPool"');
    await world.pass({ ...POLICY, pool: "Default" });
    expect(await world.file(`${FOLDER}/vm1/job`)).toContain('Pool       = "Default"');
    expect(await world.file(`${FOLDER}/vm2/job`)).toBe(edited);
  });

  it("that changed while it could not be judged reaches every VM later", async () => {
    world.jobDefs = [
      { name: "DefaultJob", type: "B" },
      { name: "Gold", type: "B" },
    ];
    world.discovery = listed(vm(1, "a", { jobDefsTag: "Gold" }), vm(2, "b"));
    await world.pass();
    world.restart();
    const changed = { ...POLICY, pool: "GoldPool" };
    world.showsAll = false;
    await world.pass(changed);
    world.showsAll = true;
    world.discovery = { kind: "failed", reason: "TimedOut", detail: "" };
    await world.pass(changed);
    world.discovery = listed(vm(1, "a", { jobDefsTag: "Gold" }), vm(2, "b"));
    await world.pass(changed);
    for (const slug of ["a", "b"])
      expect(await world.file(`${FOLDER}/${slug}/job`)).toContain('Pool       = "GoldPool"');
  });

  it("that names what the Director lacks writes nothing and says what exists", async () => {
    world.discovery = listed(vm(1));
    const outcome = passed(await world.pass({ ...POLICY, pool: "Nope" }));
    expect(outcome.unknownReferences).toEqual([
      { resource: "Pool", name: "Nope", existing: ["Default", "GoldPool", "Silver"] },
    ]);
    expect(Object.keys(await world.files())).toEqual(["include.conf"]);
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 1 });
  });

  it("of a tag that does not exist protects the VM with the client's JobDefs and says so", async () => {
    world.discovery = listed(vm(1, "a", { jobDefsTag: "Platinum" }));
    const [first] = passed(await world.pass()).vms;
    expect(first).toMatchObject({
      publishing: { kind: "published" },
      jobDefs: { name: "DefaultJob", refused: { name: "Platinum" } },
    });
  });
});

describe("what a person asks for one VM", () => {
  it("goes to the headers and needs no reload", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.calls.length = 0;
    world.personal = () => ({ hold: "legal" });
    await world.pass();
    expect(await world.file(`${FOLDER}/vm1/job`)).toContain("#@hold:          legal\n");
    expect(world.calls).not.toContain("reload");
  });
  it("changes the JobDefs of the job", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.personal = () => ({ jobDefs: "Gold" });
    await world.pass();
    const job = await world.file(`${FOLDER}/vm1/job`);
    expect(job).toContain("#@jobdefs:       Gold\n");
    expect(job).toContain('JobDefs    = "Gold"');
    expect(job).not.toContain("Pool ");
  });
});

describe("rule 7: the Director is never broken by us", () => {
  it("keeps the last good text of a job that a person broke, and publishes all others", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    await writeFile(
      join(world.baseDir, FOLDER, "vm1/job"),
      (await world.file(`${FOLDER}/vm1/job`)).replace('"Default"', '"Nope"'),
    );
    world.discovery = listed(vm(1), vm(2), vm(3));
    const outcome = passed(await world.pass());
    expect(outcome.publishing).toEqual({ kind: "published", jobs: 3 });
    expect(outcome.vms[0]?.publishing).toMatchObject({ kind: "rejected", lastGoodPublished: true });
    expect(await world.file(`${FOLDER}/published.conf`)).not.toContain("Nope");
  });

  it("publishes a refused job once the Director has what was missing", async () => {
    world.nowMs = Date.now();
    world.discovery = listed(vm(1));
    await world.pass();
    const path = join(world.baseDir, FOLDER, "vm1/job");
    await writeFile(path, (await world.file(`${FOLDER}/vm1/job`)).replace('"Default"', '"New"'));
    world.nowMs += 600_000;
    for (const kind of ["rejected", "rejected"]) expect(passed(await world.pass()).vms[0]?.publishing.kind).toBe(kind);
    world.resources = { ...world.resources, pools: new Set(["Default", "New"]) };
    expect(passed(await world.pass()).vms[0]?.publishing.kind).toBe("published");
  });

  it("puts the last good bytes back when the Director refuses all, blames nothing, and asks again in a while", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    const good = await world.file(`${FOLDER}/published.conf`);
    world.discovery = listed(vm(1), vm(2));
    world.reloadOutcome = { kind: "refused", detail: "Please correct configuration file" };
    expect(passed(await world.pass()).publishing.kind).toBe("directorInvalid");
    expect(await world.file(`${FOLDER}/published.conf`)).toBe(good);
    world.calls.length = 0;
    world.restart();
    world.discovery = listed(vm(1), vm(2), vm(3));
    const outcome = passed(await world.pass());
    expect(outcome.publishing.kind).toBe("directorInvalid");
    expect(world.calls).not.toContain("reload");
    expect(outcome.vms.map(({ publishing }) => publishing.kind)).toEqual(["published", "pending", "pending"]);
    world.nowMs += 1_800_000;
    expect(passed(await world.pass()).publishing.kind).toBe("directorInvalid");
    expect(world.calls.filter((call) => call === "reload")).toHaveLength(2);
    world.reloadOutcome = undefined;
    world.nowMs += 1_800_000;
    expect(passed(await world.pass()).publishing.kind).toBe("published");
  });

  it("tries again after the Director was busy", async () => {
    world.discovery = listed(vm(1));
    world.reloadOutcome = { kind: "busy", reason: "TooManyReloads", detail: "Too many (32)" };
    expect(passed(await world.pass()).publishing.kind).toBe("busy");
    world.reloadOutcome = undefined;
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 1 });
  });

  it("finds a reload that a dead process owed", async () => {
    world.discovery = listed(vm(1));
    world.reloadOutcome = { kind: "busy", reason: "TooManyReloads", detail: "Too many (32)" };
    await world.pass();
    world.reloadOutcome = undefined;
    world.restart();
    await world.pass();
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-vm1"]);
  });

  it("publishes a copied folder's names once", async () => {
    world.discovery = listed(vm(1, "a"));
    await world.pass();
    await cp(join(world.baseDir, FOLDER, "a"), join(world.baseDir, FOLDER, "b"), { recursive: true });
    expect(passed(await world.pass()).publishing).toEqual({ kind: "unchanged" });
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-a"]);
  });

  it("publishes a hand-written folder as it is and never touches it", async () => {
    const path = join(world.baseDir, FOLDER, "byhand/job");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'Job {\n  Name = "by-hand"\n  JobDefs = "DefaultJob"\n}\n');
    world.discovery = listed(vm(1, "byhand"));
    await world.pass();
    expect([...world.loadedJobs].sort()).toEqual(["backup-dc1-os1-byhand-00000000", "by-hand"]);
  });
});

describe("names stick to their VM", () => {
  it("a job file that was deleted comes back under its old name", async () => {
    world.discovery = listed(vm(1, "x"), vm(2, "x"), vm(3, "web 01"));
    await world.pass();
    const before = await world.files();
    for (const slug of ["x", "x-00000000", "web_01-00000000"])
      await rm(join(world.baseDir, FOLDER, slug), { recursive: true });
    await world.pass();
    expect(await world.files()).toEqual(before);
  });
  it("also when the proxy is named by its uuid, and the proxy's own VM gets no other's name", async () => {
    const policy = { ...POLICY, proxyServer: vm(9).uuid };
    world.discovery = listed(vm(1, "web01"));
    await world.pass(policy);
    await rm(join(world.baseDir, FOLDER, "web01/job"));
    world.discovery = listed(vm(1, "web01"), vm(9, "proxy"));
    await world.pass(policy);
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-proxy", "backup-dc1-os1-web01"]);
  });
  it("a new VM does not take the name of one that is gone", async () => {
    world.discovery = listed(vm(1, "x"));
    await world.pass();
    await rm(join(world.baseDir, FOLDER, "x"), { recursive: true });
    world.discovery = listed(vm(2, "x"));
    await world.pass();
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-x-00000000"]);
  });
  it("a write that was cut short is completed, and a person's lone fileset is left alone", async () => {
    world.discovery = listed(vm(1, "x"), vm(2, "y"));
    await world.pass();
    const before = await world.files();
    world.restart();
    await rm(join(world.baseDir, FOLDER, "x/job"));
    await rm(join(world.baseDir, FOLDER, "published.conf"));
    await world.pass();
    expect(await world.files()).toEqual(before);
    const byHand = 'FileSet {\n  Name = "by-hand"\n  Include {\n    File = "/etc"\n  }\n}\n';
    await mkdir(join(world.baseDir, FOLDER, "z"));
    await writeFile(join(world.baseDir, FOLDER, "z/fileset"), byHand);
    world.discovery = listed(vm(1, "x"), vm(2, "y"), vm(3, "z"));
    await world.pass();
    expect(await world.file(`${FOLDER}/z/fileset`)).toBe(byHand);
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-z-00000000");
  });
});

describe("trouble of one kind", () => {
  it("of the volume is said and leaves the others be", async () => {
    world.discovery = listed(vm(1));
    await rm(world.baseDir, { recursive: true });
    expect((await world.pass()).outcome).toMatchObject({ kind: "volume", reason: "NotFound" });
    await mkdir(world.baseDir, { recursive: true });
    await chmod(world.baseDir, 0o755);
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 1 });
  });
  it("of a volume that is not mounted writes nothing: it is not a fleet of new VMs", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    await rm(world.baseDir, { recursive: true });
    await mkdir(world.baseDir);
    world.restart();
    const other = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
    const reports = await Promise.all([world.pass(), world.pass(other)]);
    for (const { outcome } of reports) expect(outcome).toMatchObject({ kind: "volume", reason: "WrongVolume" });
    expect(Object.keys(await world.files())).not.toContain(`${FOLDER}/vm1/job`);
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-vm1", "backup-dc1-os1-vm2"]);
  });
  it("of the Director's lists leaves new VMs for later", async () => {
    world.discovery = listed(vm(1));
    world.reachable = false;
    const outcome = passed(await world.pass());
    expect(outcome.publishing).toMatchObject({ kind: "failed", reason: "DirectorUnreachable" });
    world.reachable = true;
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 1 });
  });
});

describe("a batch of clients", () => {
  it("that the Director refuses is taken apart, so that one client's trouble is its own", async () => {
    world.discovery = listed(vm(1));
    const other = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
    world.refuses = (texts) => texts.includes("backup-dc1-os2-");
    const reports = await Promise.all([world.pass(), world.pass(other)]);
    expect(reports.map((report) => passed(report).publishing.kind)).toEqual(["published", "unchanged"]);
    expect(passed(reports[1]).vms[0]?.publishing).toMatchObject({ kind: "rejected", lastGoodPublished: false });
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-vm1"]);
    world.calls.length = 0;
    await Promise.all([world.pass(), world.pass(other)]);
    expect(world.calls).not.toContain("reload");
  });

  it("proves nothing of a client whose jobs the Director did not show: its reload stays owed", async () => {
    const other = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
    world.discovery = listed(vm(1));
    await Promise.all([world.pass(), world.pass(other)]);
    world.discovery = listed(vm(1), vm(2));
    world.isStale = true;
    expect(passed(await world.pass(other)).publishing).toMatchObject({ kind: "busy", reason: "JobListUnchanged" });
    world.discovery = listed(vm(1));
    await world.pass();
    world.isStale = false;
    world.discovery = listed(vm(1), vm(2));
    expect(passed(await world.pass(other)).publishing).toEqual({ kind: "published", jobs: 2 });
    expect([...world.loadedJobs]).toContain("backup-dc1-os2-vm2");
  });
  it("whose prefixes begin alike gives no name twice", async () => {
    world.discovery = listed(vm(1, "b-x"), vm(2, "x"));
    const short = { ...POLICY, jobPrefix: "a-" };
    const long = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "a-b-" };
    await Promise.all([world.pass(short), world.pass(long)]);
    expect([...world.loadedJobs].sort()).toEqual(["a-b-b-x", "a-b-x", "a-b-x-00000000", "a-x"]);
  });
  it("is published with one reload", async () => {
    world.discovery = listed(vm(1));
    const other = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
    const reports = await Promise.all([world.pass(), world.pass(other)]);
    expect(reports.map((report) => passed(report).publishing)).toEqual([
      { kind: "published", jobs: 1 },
      { kind: "published", jobs: 1 },
    ]);
    expect(world.calls.filter((call) => call === "reload")).toHaveLength(1);
  });
});
