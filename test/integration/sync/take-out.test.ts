import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const PUBLISHED = "datacenter1/openstack1/published.conf";
const BLIND = { kind: "failed", reason: "EmptyAnswer", detail: "" } as const;
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

/** `bacula-dir -t` stops at the first of these words in a published file. */
function finds(...wrong: readonly string[]): void {
  const line = (text: string) => text.split("\n").findIndex((one) => wrong.some((word) => one.includes(word))) + 1;
  world.test = (included) =>
    line(included) === 0
      ? { kind: "sound" }
      : { kind: "broken", detail: "No such Pool", file: `${world.baseDir}/${PUBLISHED}`, line: line(included) };
}
const isPublished = async (name: string) => (await world.file(PUBLISHED)).includes(`"backup-dc1-os1-${name}"`);
const kinds = async () => passed(await world.pass()).vms.map(({ publishing }) => publishing.kind);
const tests = () => world.calls.filter((call) => call === "test").length;

describe("rule 7: with a test command, files of ours that it names leave the published file", () => {
  beforeEach(async () => {
    world.test = () => ({ kind: "sound" });
    world.discovery = listed(vm(1), vm(2), vm(3));
    await world.pass();
    world.restart();
  });

  it("in a blind pass with the Director down, for good, and its folder is Rejected", async () => {
    finds("backup-dc1-os1-vm2");
    world.discovery = BLIND;
    world.reachable = false;
    await world.pass();
    expect(await Promise.all(["vm1", "vm2", "vm3"].map(isPublished))).toEqual([true, false, true]);
    world.restart();
    world.reachable = true;
    world.discovery = listed(vm(1), vm(2), vm(3));
    const report = passed(await world.pass());
    expect(report.vms[1]?.publishing).toEqual({
      kind: "rejected",
      lastGoodPublished: false,
      reason: "the Director would not start with it: No such Pool",
    });
    expect(await world.file("datacenter1/openstack1/vm2/job.rejected")).toContain("would not start with it");
    expect([...world.loadedJobs].sort()).toEqual(["backup-dc1-os1-vm1", "backup-dc1-os1-vm3"]);
    // Whatever it lacked may be there by now.
    world.nowMs += 3_600_000;
    world.test = () => ({ kind: "sound" });
    expect(await kinds()).toEqual(["published", "published", "published"]);
    expect(world.loadedJobs).toContain("backup-dc1-os1-vm2");
  });

  it("and the last good text takes its place where a reload of another one is owed", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    world.reloadOutcome = { kind: "busy", reason: "TooManyReloads", detail: "Too many (32)" };
    await world.pass({ ...POLICY, pool: "GoldPool" });
    expect(await world.file(PUBLISHED)).toContain("GoldPool");
    world.restart();
    finds("GoldPool");
    world.discovery = BLIND;
    world.reachable = false;
    await world.pass({ ...POLICY, pool: "GoldPool" });
    expect(await world.file(PUBLISHED)).not.toContain("GoldPool");
    expect(await Promise.all(["vm1", "vm2", "vm3"].map(isPublished))).toEqual([true, true, true]);
  });

  it("is not done to more than ten: what they all refer to is at fault", async () => {
    world.discovery = listed(...Array.from({ length: 20 }, (_, at) => vm(at)));
    await world.pass();
    const before = await world.file(PUBLISHED);
    world.restart();
    finds("Pool       =");
    const report = passed(await world.pass());
    expect(report.publishing.kind).toBe("directorInvalid");
    expect(await world.file(PUBLISHED)).toBe(before);
    world.test = () => ({ kind: "sound" });
    expect(new Set(await kinds())).toEqual(new Set(["published"]));
  });

  it("is not done for words on another copy of the tree", async () => {
    const before = await world.file(PUBLISHED);
    world.test = () => ({ kind: "broken", detail: "x", file: `${world.baseDir}/${PUBLISHED}`, line: 12 });
    await world.pass();
    expect(await world.file(PUBLISHED)).toBe(before);
  });

  it("is not done for a fault of somebody else's file, nor in a dry run", async () => {
    const before = await world.file(PUBLISHED);
    world.test = () => ({ kind: "broken", detail: "x", file: "/etc/bacula/pools.conf", line: 3 });
    await world.pass();
    finds("backup-dc1-os1-vm2");
    await world.pass({ ...POLICY, mode: "DryRun" });
    expect(await world.file(PUBLISHED)).toBe(before);
  });

  it("is looked for every five minutes", async () => {
    world.calls.length = 0;
    await world.pass();
    await world.pass();
    expect(tests()).toBe(1);
    world.nowMs += 5 * 60_000;
    await world.pass();
    expect(tests()).toBe(2);
  });
});
