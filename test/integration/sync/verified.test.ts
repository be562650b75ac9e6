import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

async function edit(slug: string, from: string, to: string): Promise<void> {
  const path = join(world.baseDir, FOLDER, slug, "job");
  await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
}
const moveToGold = (slug: string) => edit(slug, 'Pool       = "Default"', 'Pool       = "GoldPool"');
const poolOf = (name: string) => world.loadedBlocks.get(`backup-dc1-os1-${name}`)?.directives?.pool;

describe("rule 7: changed jobs are verified by what the Director shows of them", () => {
  it("an old one behind a good reload is not published, by this process or the next, until it is seen", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    await moveToGold("vm1");
    world.isStale = true;
    for (let time = 0; time < 3; time++) {
      const report = passed(await world.pass());
      expect(report.publishing).toMatchObject({ kind: "busy", reason: "JobsUnchanged" });
      expect(report.publishing).toMatchObject({
        detail: expect.stringContaining('job backup-dc1-os1-vm1 has another Pool than "GoldPool": Default'),
      });
      expect(report.vms.map(({ publishing }) => publishing)).toEqual([
        { kind: "pending", lastGoodPublished: true },
        { kind: "published" },
      ]);
      if (time === 1) world.restart();
    }
    world.isStale = false;
    const report = passed(await world.pass());
    expect(report.publishing).toEqual({ kind: "published", jobs: 2 });
    expect(report.vms[0]?.publishing).toEqual({ kind: "published" });
    expect(poolOf("vm1")).toBe("GoldPool");
  });

  it("a bad edit that an old mount hid is not taken for good: the last good bytes come back", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    await moveToGold("vm1");
    await edit("vm1", "Job {\n", "Job {\n  Foo = bar\n");
    world.isStale = true;
    expect(passed(await world.pass()).publishing.kind).toBe("busy");
    world.isStale = false;
    world.refuses = (texts) => texts.includes("Foo = bar");
    await world.pass();
    expect(await world.file(`${FOLDER}/published.conf`)).not.toContain("Foo");
    world.discovery = listed(vm(1), vm(2), vm(3));
    const { publishing, vms } = passed(await world.pass());
    expect(publishing).toEqual({ kind: "published", jobs: 3 });
    expect(vms.map((one) => one.publishing.kind)).toEqual(["rejected", "published", "published"]);
  });

  it("a Plugin line of a changed policy is among what is seen", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.isStale = true;
    const report = passed(await world.pass({ ...POLICY, proxyServer: "other-proxy" }));
    expect(report.publishing).toMatchObject({ detail: expect.stringContaining("another Plugin than") });
  });

  it("a withdrawn one that is still there is noticed by each pass, not by the first alone", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    await rm(join(world.baseDir, FOLDER, "vm2"), { recursive: true });
    world.discovery = listed(vm(1));
    world.isStale = true;
    for (let time = 0; time < 2; time++)
      expect(passed(await world.pass()).publishing).toMatchObject({ kind: "busy", reason: "JobListUnchanged" });
  });

  it("is asked in one session, of few jobs of each client in turns, and of none when nothing changed", async () => {
    const other = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
    world.discovery = listed(...Array.from({ length: 60 }, (_, at) => vm(at)));
    await Promise.all([world.pass(), world.pass(other)]);
    expect(world.shown).toEqual([]);
    await Promise.all([world.pass({ ...POLICY, pool: "GoldPool" }), world.pass({ ...other, pool: "GoldPool" })]);
    expect(world.shown).toHaveLength(1);
    expect(world.shown[0]).toHaveLength(16);
    expect(world.shown[0]?.filter((name) => name.startsWith("backup-dc1-os2-"))).toHaveLength(8);
    await Promise.all([world.pass({ ...POLICY, pool: "GoldPool" }), world.pass({ ...other, pool: "GoldPool" })]);
    expect(world.shown).toHaveLength(1);
  });

  it("by a Console that may not see anything of them is no proof against them", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    await moveToGold("vm1");
    world.loadedBlocks = new Map();
    const show = passed(await world.pass());
    expect(show.publishing.kind).toBe("published");
  });

  it("when the mark of an owed reload was lost with the state folder: some are looked at by each new process", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    await moveToGold("vm2");
    world.isStale = true;
    await world.pass();
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    world.restart();
    expect(passed(await world.pass()).publishing).toMatchObject({ kind: "busy", reason: "JobsUnchanged" });
    expect(passed(await world.pass()).publishing).toMatchObject({ kind: "busy", reason: "JobsUnchanged" });
    world.isStale = false;
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 2 });
    expect(poolOf("vm2")).toBe("GoldPool");
    world.calls.length = 0;
    await world.pass();
    expect(world.calls).not.toContain("reload");
  });
});
