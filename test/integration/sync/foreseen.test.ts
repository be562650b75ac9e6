import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { PassReport } from "../../../src/sync/pass-report.ts";
import { plannedSteps } from "../../../src/sync/planned-steps.ts";
import { seenVms } from "../../../src/sync/seen-vms.ts";
import { whatWaits } from "../../../src/sync/what-waits.ts";
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

/** A process that only looks: what it foresees. */
async function foresee(policy: ClientPolicy = POLICY) {
  world.isReadOnly = true;
  world.foresees = true;
  world.restart();
  const report = await world.pass({ ...policy, mode: "DryRun" });
  world.isReadOnly = false;
  world.restart();
  const { foreseen } = passed(report);
  if (foreseen === undefined) throw new Error("nothing was foreseen");
  return { report, foreseen };
}

async function jobFiles(): Promise<Record<string, string>> {
  const files = Object.entries(await world.files());
  return Object.fromEntries(files.filter(([path]) => path.endsWith("/job") || path.endsWith("/fileset")));
}

const comingFor = (report: PassReport) =>
  [...seenVms(report, world.nowMs)].flatMap(({ vm: { name }, coming }) => coming.map(({ step }) => [name, step]));

/** Looks, then syncs: exactly the files that were foreseen were written, with exactly those bytes. */
async function isForeseen(policy: ClientPolicy = POLICY): Promise<readonly string[]> {
  const before = await jobFiles();
  const { foreseen } = await foresee(policy);
  expect(await jobFiles()).toEqual(before);
  await world.pass(policy);
  const expected = { ...before };
  for (const { slug, file, before: old, after } of foreseen.files) {
    expect(old).toBe(before[`${FOLDER}/${slug}/${file}`]);
    expected[`${FOLDER}/${slug}/${file}`] = after;
  }
  expect(await jobFiles()).toEqual(expected);
  return foreseen.files.map(({ slug, file }) => `${slug}/${file}`);
}

describe("the files that a dry run foresees are those that a sync writes", () => {
  it("of new VMs, absences, disables, returns, renames and changed policy", async () => {
    world.discovery = listed(vm(1, "a"), vm(2, "b", { jobDefsTag: "Gold" }), vm(3, "c"), vm(4, "d"), vm(5, "e"));
    expect(await isForeseen()).toHaveLength(10);
    expect(await isForeseen()).toEqual([]);

    world.discovery = listed(vm(1, "a"), vm(2, "renamed", { jobDefsTag: "Gold" }), vm(4, "d"), vm(5, "e"));
    expect(await isForeseen()).toEqual(["b/job", "c/job"]);

    world.nowMs += 300_000;
    const short = { ...POLICY, graceDays: 0.001, pool: "GoldPool", signature: "MD5" };
    expect(await isForeseen(short)).toEqual([
      "a/fileset",
      "b/fileset",
      "d/fileset",
      "e/fileset",
      "a/job",
      "c/job",
      "d/job",
      "e/job",
    ]);
    expect(await world.file(`${FOLDER}/c/job`)).toContain("#@status:        disabled");

    world.discovery = listed(vm(1, "a"), vm(2, "renamed", { jobDefsTag: "Gold" }), vm(3, "c"), vm(4, "d"), vm(5, "e"));
    expect(await isForeseen(short)).toContain("c/job");
  });

  it("and none that a pass would hold", async () => {
    world.discovery = listed(vm(1, "a"), vm(2, "b"), vm(3, "c"), vm(4, "d"));
    await world.pass();
    world.discovery = listed(vm(1, "a"));
    const { foreseen, report } = await foresee();
    expect(foreseen.files).toEqual([]);
    expect(foreseen.removals).toMatchObject({ kind: "held", reason: "TooManyMissing", known: 4 });
    expect(whatWaits(report).removals?.message).toContain("3 of 4 VMs are absent at once: b, c, d.");
    world.restart();
    const earnest = passed(await world.pass());
    expect(earnest.removals).toEqual(foreseen.removals);
  });

  it("nor under HOLD", async () => {
    world.discovery = listed(vm(1, "a"), vm(2, "b"), vm(3, "c"), vm(4, "d"));
    await world.pass();
    world.discovery = listed(vm(1, "a"), vm(2, "b"), vm(3, "c"));
    await writeFile(join(world.baseDir, "HOLD"), "");
    const { foreseen, report } = await foresee();
    expect(foreseen.files).toEqual([]);
    expect(whatWaits(report).removals?.reason).toBe("Hold");
    expect(comingFor(report)).toEqual([]);
  });
});

describe("what comes by itself", () => {
  it("is told of absent VMs, and is not a policy's that another front end holds off", async () => {
    world.discovery = listed(vm(1, "a"), vm(2, "b"), vm(3, "c"), vm(4, "d"));
    await world.pass();
    world.discovery = listed(vm(1, "a"), vm(2, "b", { optedOut: true }), vm(3, "c"));
    const disabling = { ...POLICY, optOutAction: "Disable" } as const;
    expect(comingFor((await foresee(disabling)).report)).toEqual([
      ["b", "disable"],
      ["d", "disable"],
    ]);
    world.frontEnd = "command line /elsewhere/clients.conf";
    expect(comingFor((await foresee(disabling)).report)).toEqual([["d", "disable"]]);
  });
});

describe("a changed Plugin line", () => {
  it.each([
    [50, undefined],
    [51, "PluginChangeHeld"],
  ])("of %i VMs waits for a person: %s", async (count, reason) => {
    world.discovery = listed(...Array.from({ length: count }, (_, index) => vm(index + 1)));
    await world.pass();
    // Something else waits to be published, too.
    const job = await world.file(`${FOLDER}/vm1/job`);
    await writeFile(join(world.baseDir, FOLDER, "vm1/job"), job.replace("Job {", "Job {\n  Priority = 12"));
    const policy = { ...POLICY, pool: "Silver", plugin: { ...POLICY.plugin, options: "verbose=1" } };
    const { foreseen, report } = await foresee(policy);
    const waits = whatWaits(report);
    expect(waits.pluginLines?.reason).toBe(reason);
    expect(foreseen.files.filter(({ file }) => file === "job")).toHaveLength(count);
    expect(foreseen.files.filter(({ file }) => file === "fileset")).toHaveLength(reason === undefined ? count : 0);
    const [first] = passed(report).vms;
    if (first === undefined) throw new Error("there is no VM");
    const steps = plannedSteps(first, waits);
    expect(steps.map(({ action, waits: why }) => [action, why === undefined])).toEqual([
      ["Edit", true],
      ["Edit", reason === undefined],
    ]);
  });
});

describe("differences from policy that a person made", () => {
  it("are told with both values, and not those that follow policy", async () => {
    world.discovery = listed(vm(1, "a"), vm(2, "b"));
    await world.pass();
    const job = await world.file(`${FOLDER}/a/job`);
    await writeFile(
      join(world.baseDir, FOLDER, "a/job"),
      job.replace('"Default"', '"Silver"').replace(/ {2}Storage .*\n/u, ""),
    );
    const { foreseen } = await foresee({ ...POLICY, schedule: "DailyCycle" });
    expect(foreseen.handEdits.get(vm(1).uuid)).toEqual([
      { directive: "storage", file: undefined, policy: "File1" },
      { directive: "pool", file: "Silver", policy: "Default" },
    ]);
    expect(foreseen.handEdits.get(vm(2).uuid)).toEqual([]);
    expect(foreseen.files.map(({ slug }) => slug)).toEqual(["a", "b"]);
  });
});
