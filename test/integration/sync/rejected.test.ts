import { mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PassReport } from "../../../src/sync/pass-report.ts";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const FOLDER = "datacenter1/openstack1";
const OTHER = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

const states = (report: PassReport) => passed(report).vms.map(({ publishing }) => publishing.kind);
const path = (slug: string, name: string) => join(world.baseDir, FOLDER, slug, name);
const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
async function edit(slug: string, from: string | RegExp, to: string): Promise<void> {
  // Older than a tick of the file system's clock, or the tree is read again anyway.
  world.nowMs = Date.now() + 600_000;
  const job = await readFile(path(slug, "job"), "utf8");
  await writeFile(path(slug, "job"), job.replace(from, to));
}
const reloads = () => world.calls.filter((call) => call === "reload").length;
const published = () => world.file(`${FOLDER}/published.conf`);

describe("spec section 3, Rejected: a hand edit that our own check refuses", () => {
  beforeEach(async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    await edit("vm1", '"Default"', '"Nope"');
  });

  it("stays as the person wrote it, beside a copy that says why, and the last good text stays in force", async () => {
    const byHand = await readFile(path("vm1", "job"), "utf8");
    const good = await published();
    expect(states(await world.pass())).toEqual(["rejected", "published"]);
    expect(await readFile(path("vm1", "job"), "utf8")).toBe(byHand);
    expect(await published()).toBe(good);
    const copy = await readFile(path("vm1", "job.rejected"), "utf8");
    expect(copy).toMatch(/^# Rejected: "Nope" is not a Pool of the Director/);
    expect(copy).toContain(byHand);
    expect(copy).toContain(await readFile(path("vm1", "fileset"), "utf8"));
    expect(await exists(path("vm2", "job.rejected"))).toBe(false);
  });

  it("is copied once, also by another process, and anew when it or the reason changes", async () => {
    await world.pass();
    const copy = () => stat(path("vm1", "job.rejected"));
    const { ino, ctimeMs } = await copy();
    await world.pass();
    world.restart();
    await world.pass();
    expect(await copy()).toMatchObject({ ino, ctimeMs });
    await edit("vm1", '"Nope"', '"Neither"');
    await world.pass();
    expect(await readFile(path("vm1", "job.rejected"), "utf8")).toMatch(/^# Rejected: "Neither"/);
  });

  it("loses its copy when it is accepted, also when the process died before it went", async () => {
    await world.pass();
    await edit("vm1", '"Nope"', '"Silver"');
    expect(states(await world.pass())).toEqual(["published", "published"]);
    expect(await exists(path("vm1", "job.rejected"))).toBe(false);
    await writeFile(path("vm1", "job.rejected"), "left behind");
    world.restart();
    await world.pass();
    expect(await exists(path("vm1", "job.rejected"))).toBe(false);
  });

  it("gets its copy back when somebody removes it", async () => {
    await world.pass();
    await rm(path("vm1", "job.rejected"));
    await world.pass();
    expect(await exists(path("vm1", "job.rejected"))).toBe(true);
  });

  it("stays rejected while the Director cannot be asked", async () => {
    await world.pass();
    world.reachable = false;
    const report = await world.pass();
    expect(passed(report).publishing.kind).toBe("failed");
    expect(states(report)).toEqual(["rejected", "published"]);
  });

  it("is not copied in a dry run", async () => {
    expect(states(await world.pass({ ...POLICY, mode: "DryRun" }))).toEqual(["rejected", "published"]);
    expect(await exists(path("vm1", "job.rejected"))).toBe(false);
  });

  it("whose copy cannot be written is told, tried again, and keeps nobody's job from the Director", async () => {
    await symlink("/etc/hostname", path("vm1", "job.rejected"));
    world.discovery = listed(vm(1), vm(2), vm(3));
    const outcome = passed(await world.pass());
    expect(outcome.publishing).toEqual({ kind: "published", jobs: 3 });
    expect(outcome.failedChanges).toMatchObject([{ slug: "vm1", reason: "SymlinkRefused" }]);
    await rm(path("vm1", "job.rejected"));
    expect(passed(await world.pass()).failedChanges).toEqual([]);
    expect(await exists(path("vm1", "job.rejected"))).toBe(true);
  });

  it("of a copied folder is copied there, and the first folder is left in peace", async () => {
    await edit("vm1", '"Nope"', '"Default"');
    await mkdir(path("vm1-copy", ""), { recursive: true });
    await writeFile(path("vm1-copy", "job"), await readFile(path("vm1", "job")));
    await world.pass();
    expect(await readFile(path("vm1-copy", "job.rejected"), "utf8")).toContain("its fileset file is missing");
    expect(await exists(path("vm1", "job.rejected"))).toBe(false);
  });
});

describe("rule 7: a hand edit that only the Director refuses", () => {
  const BAD = "  Foo = bar\n}\n";
  beforeEach(async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    world.calls.length = 0;
    world.refuses = (texts) => texts.includes("Foo");
    await edit("vm1", /\}\n$/, BAD);
  });

  it("is rejected with a copy, and is not offered again: not by another process, not among other changes", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    const first = await world.pass();
    expect(states(first)).toEqual(["rejected", "published", "published"]);
    expect(passed(first).publishing).toEqual({ kind: "published", jobs: 3 });
    expect(await readFile(path("vm1", "job.rejected"), "utf8")).toMatch(/^# Rejected: the Director does not take/);
    expect(world.reloadSlots).toBe(1);
    world.restart();
    world.nowMs += 30 * 86_400_000;
    world.discovery = listed(vm(1), vm(2), vm(3), vm(4));
    expect(states(await world.pass())).toEqual(["rejected", "published", "published", "published"]);
    expect(world.reloadSlots).toBe(1);
  });

  it("is offered again to a Director that was started anew, and when it changes", async () => {
    await world.pass();
    world.refuses = () => false;
    expect(states(await world.pass())).toEqual(["rejected", "published"]);
    world.startTime = { kind: "answered", value: "24-Nov-26 13:01" };
    expect(states(await world.pass())).toEqual(["published", "published"]);
    expect(await exists(path("vm1", "job.rejected"))).toBe(false);

    world.refuses = (texts) => texts.includes("Foo = baz");
    await edit("vm1", "Foo = bar", "Foo = baz");
    expect(states(await world.pass())).toEqual(["rejected", "published"]);
    await edit("vm1", "Foo = baz", "Foo = bat");
    expect(states(await world.pass())).toEqual(["published", "published"]);
  });

  it("among more than the trials can tell apart: what is left waits, nobody is blamed, and it is said", async () => {
    world.discovery = listed(...Array.from({ length: 200 }, (_, index) => vm(index + 1)));
    world.refuses = () => false;
    await world.pass();
    for (let number = 1; number <= 200; number++) await edit(`vm${number}`, /\}\n$/, "  Priority = 12\n}\n");
    await edit("vm9", /\}\n$/, "  Foo = baz\n}\n");
    await edit("vm99", /\}\n$/, "  Foo = baz\n}\n");
    world.refuses = (texts) => texts.includes("Foo = baz");
    world.calls.length = 0;
    const report = await world.pass();
    expect(passed(report).publishing.kind).toBe("refused");
    expect(states(report)).not.toContain("rejected");
    expect(states(report)).toContain("pending");
    expect(reloads()).toBeLessThanOrEqual(1 + 8);
    // What the Director took on the way is in force, and all else as it was before.
    const inForce = (await published()).match(/Priority = 12/g) ?? [];
    expect(inForce).toHaveLength(states(report).filter((state) => state === "published").length);
    expect(await published()).not.toContain("Foo = baz");
    expect(world.loadedJobs.size).toBe(200);
    world.calls.length = 0;
    world.restart();
    expect(passed(await world.pass()).publishing.kind).toBe("refused");
    expect(reloads()).toBe(0);

    // The same Director gets no more trials for another text either, only one question for what is in force.
    await edit("vm9", "Foo = baz", "Foo = baz ");
    expect(passed(await world.pass()).publishing.kind).toBe("refused");
    expect(reloads()).toBe(2);
  });

  it("does not stop another client when this Director gets no more trials", async () => {
    await mkdir(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    const slots = { burned: 8, trials: 8, startTime: "24-Nov-26 12:00" };
    await writeFile(join(world.baseDir, ".bacula-openstack-sync/reload-slots.json"), JSON.stringify(slots));
    const reports = await Promise.all([world.pass(), world.pass(OTHER)]);
    expect(reports.map((report) => passed(report).publishing.kind)).toEqual(["refused", "published"]);
    expect([...world.loadedJobs]).toContain("backup-dc1-os2-vm1");
    expect(await published()).not.toContain("Foo");
  });

  it("in a renamed folder keeps what was published under the old name", async () => {
    await world.pass();
    await edit("vm1", "Foo = bar", "Foo = renamed");
    world.discovery = listed(vm(2));
    world.calls.length = 0;
    await mkdir(path("renamed", ""), { recursive: true });
    for (const name of ["job", "fileset"]) await writeFile(path("renamed", name), await readFile(path("vm1", name)));
    await rm(path("vm1", ""), { recursive: true });
    for (let pass = 0; pass < 3; pass++) await world.pass();
    expect([...world.loadedJobs]).toEqual(["backup-dc1-os1-vm1", "backup-dc1-os1-vm2"]);
    expect(await published()).toContain("# from vm1/job");
    expect(await exists(path("renamed", "job.rejected"))).toBe(true);
  });

  it("is found by the words of the Director's log, without trials of halves", async () => {
    for (let number = 3; number <= 12; number++) world.discovery = listed(...numbers(number));
    world.refuses = () => false;
    await edit("vm1", BAD, "}\n");
    await world.pass();
    for (let number = 2; number <= 12; number++) await edit(`vm${number}`, /\}\n$/, "  Priority = 12\n}\n");
    await edit("vm1", /\}\n$/, BAD);
    world.calls.length = 0;
    world.refuses = (texts) => texts.includes("Foo");
    world.refusal = { file: join(world.baseDir, FOLDER, "published.conf"), wrong: "Foo" };
    const report = await world.pass();
    expect(passed(report).publishing).toEqual({ kind: "published", jobs: 12 });
    expect(passed(report).vms[0]?.publishing).toMatchObject({
      kind: "rejected",
      reason: "the Director refuses it: Please correct configuration file",
    });
    expect(reloads()).toBe(2);
  });

  it("is found, too, when the state folder was lost and the Director lacks what is published", async () => {
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    world.loadedJobs = new Set(["backup-dc1-os1-vm1"]);
    await Promise.all([world.pass(), world.pass(OTHER)]);
    world.restart();
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    world.loadedJobs = new Set(["backup-dc1-os1-vm1"]);
    await Promise.all([world.pass(), world.pass(OTHER)]);
    const reports = await Promise.all([world.pass(), world.pass(OTHER)]);
    expect(reports.flatMap(states)).toEqual(["rejected", "published", "published", "published"]);
    expect(world.loadedJobs.size).toBe(4);
    expect(world.reloadSlots).toBe(1);
  });

  it("that is somebody else's, while the Director lacks what is published, loses no slot in each pass", async () => {
    await edit("vm1", BAD, "}\n");
    world.refuses = () => false;
    await world.pass();
    world.restart();
    world.loadedJobs = new Set();
    world.refuses = () => true;
    for (let pass = 0; pass < 5; pass++) expect(passed(await world.pass()).publishing.kind).toBe("directorInvalid");
    expect(world.reloadSlots).toBe(1);
  });

  it("elsewhere in the Director's configuration is nobody's of ours: one slot is lost", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    world.refuses = () => true;
    world.refusal = { file: "/etc/bacula/pools.conf", wrong: "" };
    const report = await world.pass();
    expect(passed(report).publishing.kind).toBe("directorInvalid");
    expect(states(report)).not.toContain("rejected");
    expect(reloads()).toBe(1);
  });
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => vm(index + 1));
