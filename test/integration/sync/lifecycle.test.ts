import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LiveVm } from "../../../src/domain/discovery/discovery.ts";
import { approvalToken } from "../../../src/domain/lifecycle/judge-shrinking.ts";
import { POLICY } from "../../support/policy.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const FOLDER = "datacenter1/openstack1";
const DAY_MS = 86_400_000;
const INTERVAL_MS = 300_000;
/** Grace that a test can walk through in passes of five minutes. */
const GRACE_DAYS = 0.05;
const QUICK = { ...POLICY, graceDays: GRACE_DAYS };

let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

const job = (slug: string) => world.file(`${FOLDER}/${slug}/job`);
const fleet = (count: number): readonly LiveVm[] => Array.from({ length: count }, (_, index) => vm(index + 1));

async function passes(count: number, policy = QUICK) {
  let report = await world.pass(policy);
  for (let pass = 1; pass < count; pass++) {
    world.nowMs += INTERVAL_MS;
    report = await world.pass(policy);
  }
  return report;
}
async function removalsAfter(policy = QUICK) {
  const { outcome } = await world.pass(policy);
  return outcome.kind === "passed" ? outcome.removals : outcome;
}
/** From the first pass without the VM to the one in which its grace is over. */
const GRACE_PASSES = Math.ceil((GRACE_DAYS * DAY_MS) / INTERVAL_MS) + 1;

describe("the life of a VM that disappears", () => {
  it("is marked, then disabled after grace, and restored with its history when it comes back", async () => {
    world.discovery = listed(...fleet(10));
    await world.pass(QUICK);
    world.discovery = listed(...fleet(9));
    await world.pass(QUICK);
    expect(await job("vm10")).toContain("#@missing-since: 2026-11-24T12:00:00Z\n");
    expect(await job("vm10")).toContain("Enabled    = yes");
    await passes(GRACE_PASSES);
    expect(await job("vm10")).toMatch(
      /#@status: {8}disabled\n(?:.*\n)*#@disabled: {6}2026.*\n(?:.*\n)*.*Enabled {4}= no/,
    );
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-vm10");
    world.discovery = listed(...fleet(10));
    await passes(2);
    const restored = await job("vm10");
    expect(restored).toMatch(/#@status: {8}active\n(?:.*\n)*#@reenabled: {5}2026/);
    expect(restored).toContain("Enabled    = yes");
    expect(restored).not.toContain("missing-since");
  });

  it("leaves no trace when it returns within grace", async () => {
    world.discovery = listed(...fleet(10));
    await world.pass(QUICK);
    const before = await world.files();
    world.discovery = listed(...fleet(9));
    await passes(3);
    world.discovery = listed(...fleet(10));
    await passes(2);
    expect(await world.files()).toEqual(before);
  });

  it("a new VM under its name gets a job of its own", async () => {
    world.discovery = listed(vm(1, "x"), vm(2), vm(3));
    await world.pass(QUICK);
    world.discovery = listed(vm(9, "x"), vm(2), vm(3));
    await world.pass(QUICK);
    expect(await job("x")).toContain("#@missing-since:");
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-x-00000000");
  });
});

describe("rule 1: an absence counts only when it was confirmed", () => {
  beforeEach(async () => {
    world.discovery = listed(...fleet(10));
    await world.pass(QUICK);
  });

  it("asks twice more before it marks", async () => {
    world.discovery = listed(...fleet(9));
    world.calls.length = 0;
    await world.pass(QUICK);
    expect(world.calls.filter((call) => call === "listVms")).toHaveLength(3);
    world.calls.length = 0;
    await passes(2);
    expect(world.calls.filter((call) => call === "listVms")).toHaveLength(2);
  });

  it.each([
    ["shows the VM", listed(...fleet(10))],
    ["lacks another VM too", listed(...fleet(8))],
    ["fails", { kind: "failed", reason: "PluginError", detail: "x" } as const],
  ])("believes no answer when a second one %s", async (_case, second) => {
    const before = await world.files();
    world.answers.push(listed(...fleet(9)), second);
    const report = await world.pass(QUICK);
    expect(report.observation.discovery).toMatchObject({ kind: "suspicious", reason: "AbsencesNotConfirmed" });
    expect(await world.files()).toEqual(before);
  });

  it("protects new VMs of an answer that is not confirmed", async () => {
    world.answers.push(listed(...fleet(9), vm(50)), listed(...fleet(10), vm(50)));
    await world.pass(QUICK);
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-vm50");
  });

  it("keeps a VM that is shown when its disable is due", async () => {
    world.discovery = listed(...fleet(9));
    await passes(GRACE_PASSES - 1);
    expect(await job("vm10")).toContain("Enabled    = yes");
    world.nowMs += INTERVAL_MS;
    world.answers.push(listed(...fleet(9)), listed(...fleet(10)));
    await world.pass(QUICK);
    expect(await job("vm10")).toContain("Enabled    = yes");
  });
});

describe("rule 2: the guard against shrinking", () => {
  it("holds a large loss, protects new VMs, and ends by recovery", async () => {
    world.discovery = listed(...fleet(100));
    await world.pass(QUICK);
    const before = await world.files();
    world.discovery = listed(...fleet(70), vm(500));
    const removals = await removalsAfter();
    expect(removals).toMatchObject({ kind: "held", reason: "TooManyMissing", known: 100 });
    const after = await world.files();
    const jobs = Object.keys(before).filter((path) => path.endsWith("/job"));
    expect(jobs.map((path) => after[path])).toEqual(jobs.map((path) => before[path]));
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-vm500");
    await passes(GRACE_PASSES);
    expect(await job("vm100")).not.toContain("missing-since");
    world.discovery = listed(...fleet(100), vm(500));
    expect(await removalsAfter()).toEqual({ kind: "allowed" });
  });

  it("lets exactly the approved VMs go, once", async () => {
    world.discovery = listed(...fleet(100));
    await world.pass(QUICK);
    world.discovery = listed(...fleet(70));
    world.approval = approvalToken(fleet(69).map(({ uuid }) => uuid));
    expect(await removalsAfter()).toMatchObject({ kind: "held" });
    const gone = fleet(100)
      .slice(70)
      .map(({ uuid }) => uuid);
    world.approval = approvalToken(gone);
    expect(await removalsAfter()).toEqual({ kind: "allowed", approvedBy: world.approval });
    expect(await job("vm100")).toContain("#@missing-since:");
  });

  it("holds a loss that many clients have in common", async () => {
    const clients = [1, 2, 3, 4, 5].map((number) => ({
      ...QUICK,
      openstack: `openstack${number}`,
      client: `bacula-dc1-os${number}-fd`,
      jobPrefix: `backup-dc1-os${number}-`,
    }));
    world.resources = { ...world.resources, clients: new Set(clients.map(({ client }) => client)) };
    world.discovery = listed(...fleet(100));
    for (const client of clients) await world.pass(client);
    world.discovery = listed(...fleet(88));
    const verdicts: string[] = [];
    for (const client of clients) verdicts.push((await removalsAfter(client)).kind);
    // The first cannot know what the others will lose; from then on it is more than one in ten.
    expect(verdicts).toEqual(["allowed", "held", "held", "held", "held"]);
  });
});

describe("rule 2b: a policy outage", () => {
  const tagged = (count: number, jobDefsTag?: string) =>
    Array.from({ length: count }, (_, index) => vm(index + 1, undefined, { jobDefsTag }));

  it("keeps policies when the tags of many VMs are lost at once, until it is approved or over", async () => {
    world.discovery = listed(...tagged(20, "Gold"), vm(99, "opted-out", { optedOut: true }));
    await world.pass(QUICK);
    const before = await world.files();
    world.discovery = listed(...tagged(20), vm(99, "opted-out"));
    expect(await removalsAfter()).toMatchObject({ kind: "held", reason: "PolicyOutage", known: 21 });
    expect(await world.files()).toEqual(before);
    world.restart();
    world.approval = approvalToken([...tagged(20), vm(99)].map(({ uuid }) => uuid));
    expect(await removalsAfter()).toEqual({ kind: "allowed", approvedBy: world.approval });
    expect(await job("vm1")).toContain('JobDefs    = "DefaultJob"');
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-opted-out");
  });

  it("lets a few tenants change their minds", async () => {
    world.discovery = listed(...tagged(20, "Gold"));
    await world.pass(QUICK);
    world.discovery = listed(...tagged(2), ...tagged(20, "Gold").slice(2));
    expect(await removalsAfter()).toEqual({ kind: "allowed" });
    expect(await job("vm1")).toContain('JobDefs    = "DefaultJob"');
    expect(await job("vm3")).toContain('JobDefs    = "Gold"');
  });
});

describe("rule 3: time counts only while we could see", () => {
  beforeEach(async () => {
    world.discovery = listed(...fleet(10));
    await world.pass(QUICK);
    world.discovery = listed(...fleet(9));
    await world.pass(QUICK);
  });
  const isDisabled = async () => (await job("vm10")).includes("Enabled    = no");

  it("an outage of discovery is not absence", async () => {
    world.nowMs += 10 * DAY_MS;
    await world.pass(QUICK);
    expect(await isDisabled()).toBe(false);
    await passes(GRACE_PASSES);
    expect(await isDisabled()).toBe(true);
  });

  it("failed discoveries do not count", async () => {
    world.discovery = { kind: "failed", reason: "TimedOut", detail: "" };
    await passes(GRACE_PASSES * 2);
    world.discovery = listed(...fleet(9));
    await world.pass(QUICK);
    expect(await isDisabled()).toBe(false);
  });

  it("state that is lost makes removals later, never earlier", async () => {
    await passes(GRACE_PASSES - 2);
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    world.restart();
    await passes(3);
    expect(await isDisabled()).toBe(false);
    await passes(GRACE_PASSES);
    expect(await isDisabled()).toBe(true);
  });

  it("a restart of the process in between changes nothing", async () => {
    await passes(8);
    world.restart();
    await passes(9);
    expect(await isDisabled()).toBe(true);
  });

  it("the file HOLD stops the clock and every disable", async () => {
    await writeFile(join(world.baseDir, "HOLD"), "");
    await passes(GRACE_PASSES * 2);
    expect(await isDisabled()).toBe(false);
    await rm(join(world.baseDir, "HOLD"));
    await passes(2);
    expect(await isDisabled()).toBe(false);
  });

  it("a VM that was backed up since is never disabled", async () => {
    const run = { jobId: 1, level: "F", status: "T", bytes: 1, files: 1, fileSet: "fs-datacenter1-openstack1-vm10" };
    const startTimeMs = world.nowMs + 60_000;
    world.history = new Map([["backup-dc1-os1-vm10", { lastGood: { ...run, startTimeMs, endTimeMs: startTimeMs } }]]);
    const { outcome } = await passes(GRACE_PASSES * 2);
    expect(await isDisabled()).toBe(false);
    expect(outcome.kind === "passed" && outcome.vms.filter(({ isContradicted }) => isContradicted)).toHaveLength(1);
  });
});
