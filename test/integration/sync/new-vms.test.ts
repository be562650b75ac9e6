import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { putOffUntilMs } from "../../../src/sync/put-off.ts";
import { POLICY } from "../../support/policy.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
  world.newVmsPerPass = 2;
  world.restart();
});
afterEach(async () => {
  await world.dispose();
});

/** Passes until none has put anything off; the jobs that the Director has after each. */
async function jobsPassByPass(): Promise<readonly (readonly string[])[]> {
  const after: (readonly string[])[] = [];
  for (;;) {
    const report = await world.pass();
    after.push([...world.loadedJobs].map((name) => name.slice(POLICY.jobPrefix.length)));
    if (putOffUntilMs(report) === undefined) return after;
  }
}

describe("rule 8: new VMs per pass and client", () => {
  it("are protected in as many passes as it takes, the lowest uuids first", async () => {
    world.discovery = listed(vm(5), vm(3), vm(1), vm(4), vm(2));
    expect(await jobsPassByPass()).toEqual([
      ["vm1", "vm2"],
      ["vm1", "vm2", "vm3", "vm4"],
      ["vm1", "vm2", "vm3", "vm4", "vm5"],
    ]);
  });

  it("have the names in the end that one pass would have given them", async () => {
    const fleet = listed(vm(4, "x"), vm(3, "X"), vm(2, "x"), vm(5, "y"), vm(1, "x"));
    world.discovery = fleet;
    await jobsPassByPass();
    const inSteps = [...world.loadedJobs].sort();
    await world.dispose();
    world = await PlayedWorld.create();
    world.discovery = fleet;
    await world.pass();
    expect(inSteps).toEqual([...world.loadedJobs].sort());
  });

  it("do not become more because the pass asks again for absences", async () => {
    world.discovery = listed(vm(1), vm(2));
    await world.pass();
    world.discovery = listed(vm(1), vm(3), vm(4), vm(5));
    const report = await world.pass();
    expect(report.observation.absences).toBe("confirmed");
    expect([...world.loadedJobs]).toHaveLength(4);
    expect(putOffUntilMs(report)).toBe(world.nowMs);
  });

  it("that wait are told, and leave everything else of the pass to go on", async () => {
    world.discovery = listed(vm(9));
    await world.pass();
    world.discovery = listed(vm(9, "renamed"), vm(1), vm(2), vm(3));
    const { outcome } = await world.pass({ ...POLICY, pool: "GoldPool" });
    if (outcome.kind !== "passed") throw new Error("the pass did not pass");
    expect(outcome.vms.map(({ decision }) => decision.kind)).toEqual(["edit", "create", "create", "createLater"]);
    expect(await world.file("datacenter1/openstack1/vm9/job")).toContain('Pool       = "GoldPool"');
  });

  it("are no reason to hurry when none of them could be written", async () => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    for (const policy of [
      { ...POLICY, mode: "DryRun" as const },
      { ...POLICY, pool: "Nope" },
    ])
      expect(putOffUntilMs(await world.pass(policy))).toBeUndefined();
  });
});
