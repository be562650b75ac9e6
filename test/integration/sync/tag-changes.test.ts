import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { putOffUntilMs } from "../../../src/sync/put-off.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

const job = () => world.file("datacenter1/openstack1/web/job");
const jobDefs = async () => /JobDefs +=(.*)/.exec(await job())?.[1]?.trim();

/** The next pass, some minutes later, sees the VM with these tags beside one that never changes. */
async function passWith(wishes: Parameters<typeof vm>[2], minutes = 1) {
  world.nowMs += minutes * MINUTE_MS;
  world.discovery = listed(vm(1, "web", wishes), vm(2), vm(3), vm(4));
  const report = await world.pass();
  if (report.outcome.kind !== "passed") throw new Error("the pass did not pass");
  return { report, web: report.outcome.vms.find(({ name }) => name === "web") };
}

describe("rule 8: tags of one VM change at most once per TAG_CHANGE_INTERVAL", () => {
  it("a first change is applied at once, the next ones wait and the last of them counts", async () => {
    await passWith({});
    await passWith({ jobDefsTag: "Gold" });
    expect(await jobDefs()).toBe('"Gold"');
    const changedMs = world.nowMs;
    const before = await job();
    world.calls.length = 0;
    for (let minute = 1; minute < 60; minute++) {
      const { report, web } = await passWith({ jobDefsTag: minute % 2 === 0 ? "Gold" : undefined });
      expect(web?.tagChangeWaitsUntilMs).toBe(minute % 2 === 0 ? undefined : changedMs + HOUR_MS);
      expect(putOffUntilMs(report)).toBe(web?.tagChangeWaitsUntilMs);
    }
    expect(await job()).toBe(before);
    expect(new Set(world.calls)).toEqual(new Set(["listVms"]));
    await passWith({});
    expect(await jobDefs()).toBe('"DefaultJob"');
  });

  it("an opt-out is a change too, and so is its end", async () => {
    await passWith({ optedOut: true });
    await passWith({});
    expect([...world.loadedJobs]).toContain("backup-dc1-os1-web");
    expect((await passWith({ optedOut: true })).web).toMatchObject({ wishes: { optedOut: false } });
    expect((await passWith({ optedOut: true }, 60)).web).toMatchObject({ wishes: { optedOut: true } });
    expect((await passWith({})).web).toMatchObject({ wishes: { optedOut: true } });
  });

  it("is remembered by the files, not by the process, and also while HOLD is there", async () => {
    await writeFile(join(world.baseDir, "HOLD"), "");
    await passWith({});
    await passWith({ jobDefsTag: "Gold" });
    world.restart();
    await passWith({});
    expect(await jobDefs()).toBe('"Gold"');
  });

  it("and a state that was lost applies a change at once", async () => {
    await passWith({});
    await passWith({ jobDefsTag: "Gold" });
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    world.restart();
    await passWith({ jobDefsTag: "Gold" });
    await passWith({});
    expect((await passWith({ jobDefsTag: "Gold" })).web?.tagChangeWaitsUntilMs).toBeDefined();
  });

  it("holds back nobody else, and no person", async () => {
    await passWith({});
    await passWith({ jobDefsTag: "Gold" });
    world.discovery = listed(vm(1, "web"), vm(2, undefined, { jobDefsTag: "Gold" }), vm(3), vm(4));
    await world.pass();
    expect(await world.file("datacenter1/openstack1/vm2/job")).toContain('"Gold"');
    world.personal = ({ vm: name }) => (name === "web" ? { jobDefs: "DefaultJob" } : undefined);
    await passWith({});
    expect(await jobDefs()).toBe('"DefaultJob"');
  });

  it("is off with an interval of nothing", async () => {
    world.tagChangeIntervalMs = 0;
    world.restart();
    for (const jobDefsTag of [undefined, "Gold", undefined, "Gold"]) {
      await passWith({ jobDefsTag }, 0);
      expect(await jobDefs()).toBe(`"${jobDefsTag ?? "DefaultJob"}"`);
    }
  });
});
