import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PassReport } from "../../../src/sync/pass-report.ts";
import { POLICY } from "../../support/policy.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const OTHER = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
const job = (number: number) => `backup-dc1-os1-vm${number}`;

let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

/** By job: whether the Director would run it. */
function schedules({ outcome }: PassReport): Readonly<Record<string, unknown>> {
  if (outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(outcome)}`);
  return Object.fromEntries(outcome.vms.map((one) => [one.job?.directives.name ?? one.name, one.schedule?.kind]));
}

describe("rule 7: what the Director says of its schedule", () => {
  it("is not waited for by the pass that asks, and shows in the next one", async () => {
    const open = Promise.withResolvers<void>();
    world.scheduleOpens = open.promise;
    world.disabledJobs = new Set([job(2)]);
    world.discovery = listed(vm(1), vm(2));
    for (let passes = 0; passes < 3; passes++)
      expect(schedules(await world.pass())).toEqual({ [job(1)]: undefined, [job(2)]: undefined });
    expect(world.schedulesAsked).toEqual([[job(1)]]);
    open.resolve();
    await vi.waitFor(async () =>
      expect(schedules(await world.pass())).toEqual({ [job(1)]: "scheduled", [job(2)]: "notScheduled" }),
    );
  });

  it("is asked once for all clients in an hour of passes in which nothing changes", async () => {
    world.discovery = listed(vm(1));
    for (let minute = 0; minute < 60; minute += 5) {
      await Promise.all([world.pass(), world.pass(OTHER)]);
      world.nowMs += 5 * 60_000;
    }
    expect(world.schedulesAsked).toEqual([[job(1), "backup-dc1-os2-vm1"]]);
    await world.pass();
    expect(world.schedulesAsked).toHaveLength(2);
  });

  it("says nothing of a job that is not published, and is kept while the Director is away", async () => {
    world.discovery = listed(vm(1));
    world.reachable = false;
    expect(schedules(await world.pass())).toEqual({ vm1: undefined });
    world.reachable = true;
    world.nextRun = () => ({ kind: "none", because: { kind: "noSchedule" } });
    await world.pass();
    expect(schedules(await world.pass())).toEqual({ [job(1)]: "notScheduled" });
    world.reachable = false;
    world.nextRun = () => ({ kind: "scheduled" });
    world.nowMs += 3_600_000;
    for (let passes = 0; passes < 2; passes++)
      expect(schedules(await world.pass())).toEqual({ [job(1)]: "notScheduled" });
    world.restart();
    expect(schedules(await world.pass())).toEqual({ [job(1)]: undefined });
  });

  it("is known to the only pass of a process that waits for it", async () => {
    world.discovery = listed(vm(1), vm(2));
    world.disabledJobs = new Set([job(2)]);
    world.waitsForSchedule = true;
    world.restart();
    expect(schedules(await world.pass())).toEqual({ [job(1)]: "scheduled", [job(2)]: "notScheduled" });
  });
});
