import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { PassReport } from "../../../src/sync/pass-report.ts";
import { POLICY } from "../../support/policy.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const FOLDER = "datacenter1/openstack1";
const OPERATOR = { frontEnd: "operator bacula/dc1-os1", policy: { ...POLICY, pool: "GoldPool" } };
const COMMAND_LINE = {
  frontEnd: "command line backup1:/etc/clients.conf",
  policy: { ...POLICY, pool: "Silver", jobDefs: { name: "Gold", from: "Global" as const } },
};
type FrontEnd = Pick<typeof OPERATOR, "frontEnd"> & { readonly policy: ClientPolicy };

let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
  runners.clear();
});
afterEach(async () => {
  await world.dispose();
});

/** Each front end is a process of its own that lives on between its passes. */
const runners = new Map<string, PlayedWorld["runner"]>();
async function passOf({ frontEnd, policy }: FrontEnd, takesOver = false): Promise<PassReport> {
  const known = runners.get(frontEnd);
  if (known === undefined) world.restart();
  else world.runner = known;
  runners.set(frontEnd, world.runner);
  Object.assign(world, { frontEnd, takesOver });
  world.nowMs += 300_000;
  return world.pass(policy);
}
const verdictOf = ({ outcome }: PassReport) => (outcome.kind === "passed" ? outcome.frontEnd : outcome);
const poolOf = async (slug: string) => /Pool += "(.*)"/.exec(await world.file(`${FOLDER}/${slug}/job`))?.[1];
const HELD_BY_OPERATOR = { kind: "held", by: OPERATOR.frontEnd };
const HELD_BY_COMMAND_LINE = { kind: "held", by: COMMAND_LINE.frontEnd };

describe("two front ends with different pools over one BASE_DIR", () => {
  it("do not take turns: one of them edits, the other protects new VMs, until it is told to take over", async () => {
    const fleet = [vm(1), vm(2)];
    world.discovery = listed(...fleet);
    expect(verdictOf(await passOf({ ...OPERATOR, policy: POLICY }))).toEqual({ kind: "ours" });
    expect(verdictOf(await passOf(OPERATOR))).toEqual({ kind: "ours" });
    expect(await poolOf("vm1")).toBe("GoldPool");

    for (let turn = 0; turn < 10; turn++) {
      const before = await world.files();
      expect(verdictOf(await passOf(COMMAND_LINE))).toEqual(HELD_BY_OPERATOR);
      expect(await world.files()).toEqual(before);
      const newest = vm(10 + turn);
      fleet.push(newest);
      world.discovery = listed(...fleet);
      await passOf(turn % 2 === 0 ? COMMAND_LINE : OPERATOR);
      expect(world.loadedJobs).toContain(`backup-dc1-os1-${newest.name}`);
      expect(verdictOf(await passOf(OPERATOR))).toEqual({ kind: "ours" });
      for (const { name } of fleet) expect(await poolOf(name)).toBe("GoldPool");
    }

    expect(verdictOf(await passOf(COMMAND_LINE, true))).toEqual({ kind: "ours" });
    for (const { name } of fleet) expect(await poolOf(name)).toBe("Silver");
    const taken = await world.files();
    expect(verdictOf(await passOf(OPERATOR))).toEqual(HELD_BY_COMMAND_LINE);
    expect(verdictOf(await passOf(COMMAND_LINE))).toEqual({ kind: "ours" });
    expect(await world.files()).toEqual(taken);
  });

  it("agree again when their policies do, and the one that is held asks the Director for nothing", async () => {
    world.discovery = listed(vm(1), vm(2));
    await passOf(OPERATOR);
    await passOf(COMMAND_LINE);
    world.calls.length = 0;
    await passOf(COMMAND_LINE);
    expect(world.calls).toEqual(["listVms"]);
    const same = { ...COMMAND_LINE, policy: OPERATOR.policy };
    expect(verdictOf(await passOf(same))).toEqual({ kind: "agrees", with: OPERATOR.frontEnd });
    // The one that agreed did not become the last one by it.
    expect(verdictOf(await passOf({ ...OPERATOR, policy: POLICY }))).toEqual({ kind: "ours" });
    expect(await poolOf("vm1")).toBe("Default");
    expect(verdictOf(await passOf(same))).toEqual(HELD_BY_OPERATOR);
  });
});

describe("a front end whose policy is not in force", () => {
  const QUICK = {
    ...COMMAND_LINE,
    policy: { ...COMMAND_LINE.policy, graceDays: 0.02, optOutAction: "Disable" as const },
  };
  const fleet = [1, 2, 3, 4, 5, 6].map((number) => vm(number));

  it("marks, disables and restores, and changes nothing for a tag or an opt-out", async () => {
    world.discovery = listed(...fleet);
    await passOf(OPERATOR);
    world.discovery = listed(
      ...fleet.slice(1, 4),
      vm(5, "vm5", { jobDefsTag: "Gold" }),
      vm(6, "vm6", { optedOut: true }),
    );
    for (let pass = 0; pass < 10; pass++) expect(verdictOf(await passOf(QUICK))).toEqual(HELD_BY_OPERATOR);
    expect(await world.file(`${FOLDER}/vm1/job`)).toContain("Enabled    = no");
    expect(await world.file(`${FOLDER}/vm5/job`)).toContain('"DefaultJob"');
    expect(await world.file(`${FOLDER}/vm6/job`)).toContain("Enabled    = yes");
    world.discovery = listed(...fleet);
    await passOf(QUICK);
    expect(await world.file(`${FOLDER}/vm1/job`)).toContain("Enabled    = yes");
    expect(await poolOf("vm1")).toBe("GoldPool");
  });

  it("is not held when the state is lost: files stand, and it is the last one from then on", async () => {
    world.discovery = listed(...fleet);
    await passOf(OPERATOR);
    expect(verdictOf(await passOf(COMMAND_LINE))).toEqual(HELD_BY_OPERATOR);
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    const before = await world.files();
    expect(verdictOf(await passOf(COMMAND_LINE))).toEqual({ kind: "ours" });
    expect(await world.files()).toEqual(before);
    expect(verdictOf(await passOf(OPERATOR))).toEqual(HELD_BY_COMMAND_LINE);
  });

  it("takes over only when it could judge every VM", async () => {
    world.discovery = listed(vm(1), vm(2));
    await passOf(OPERATOR);
    world.discovery = { kind: "failed", reason: "TimedOut", detail: "no answer" };
    expect(verdictOf(await passOf(COMMAND_LINE, true))).toEqual(HELD_BY_OPERATOR);
    expect(verdictOf(await passOf(OPERATOR))).toEqual({ kind: "ours" });
  });

  it("does not take over by halves when the Director's JobDefs cannot be read", async () => {
    world.discovery = listed(vm(1), vm(2, "vm2", { jobDefsTag: "Gold" }));
    await passOf(OPERATOR);
    world.showsAll = false;
    const before = await world.files();
    const silver = { ...COMMAND_LINE, policy: { ...POLICY, pool: "Silver" } };
    expect(verdictOf(await passOf(silver, true))).toEqual(HELD_BY_OPERATOR);
    expect(await world.files()).toEqual(before);
    world.showsAll = true;
    expect(verdictOf(await passOf(silver, true))).toEqual({ kind: "ours" });
    expect(await poolOf("vm1")).toBe("Silver");
  });

  it("shows in a dry run what it would do, and takes nothing over", async () => {
    world.discovery = listed(...fleet);
    await passOf(OPERATOR);
    const dry = { ...COMMAND_LINE, policy: { ...COMMAND_LINE.policy, mode: "DryRun" as const } };
    const decisions = async (takesOver: boolean) => {
      const { outcome } = await passOf(dry, takesOver);
      return outcome.kind === "passed" ? outcome.vms.map(({ decision }) => decision.kind) : [];
    };
    expect(new Set(await decisions(false))).toEqual(new Set(["unchanged"]));
    expect(new Set(await decisions(true))).toEqual(new Set(["edit"]));
    expect(verdictOf(await passOf(OPERATOR))).toEqual({ kind: "ours" });
    expect(await poolOf("vm1")).toBe("GoldPool");
  });
});
