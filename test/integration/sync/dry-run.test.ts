import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { planOfReport } from "../../../src/sync/plan-of-report.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
  world.discovery = listed(vm(1), vm(2));
});
afterEach(() => world.dispose());

const DRY = { ...POLICY, mode: "DryRun" } as const;

/** Path, size, inode and time of change of everything in BASE_DIR, our own state included. */
async function traces(): Promise<readonly string[]> {
  const entries = await readdir(world.baseDir, { recursive: true });
  const all = await Promise.all(
    [".", ...entries].map(async (path) => {
      const { size, ino, ctimeMs } = await stat(join(world.baseDir, path));
      return `${path} ${size} ${ino} ${ctimeMs}`;
    }),
  );
  return all.sort();
}

async function dryRun(policy = DRY) {
  world.isReadOnly = true;
  world.restart();
  return world.pass(policy);
}

it("leaves no trace in an empty BASE_DIR, not even a lock", async () => {
  const before = await traces();
  expect(planOfReport(await dryRun()).map(({ action }) => action)).toEqual(["Create", "Create"]);
  expect(await traces()).toEqual(before);
  expect(existsSync(join(world.baseDir, ".bacula-openstack-sync"))).toBe(false);
});

it("leaves no trace where a sync has worked, whatever it would do there", async () => {
  passed(await world.pass());
  const before = await traces();
  world.discovery = listed(vm(2, "renamed"), vm(3));
  const report = await dryRun({ ...DRY, pool: "GoldPool" });
  expect(planOfReport(report).map(({ action }) => action)).toEqual(["MarkMissing", "Edit", "Create"]);
  expect(await traces()).toEqual(before);
  expect(world.calls.filter((call) => call === "reload")).toHaveLength(1);
});

it("says what it would do with the reload that another run left", async () => {
  world.leavesReload = true;
  world.restart();
  passed(await world.pass());
  const before = await traces();
  passed(await dryRun());
  expect(await traces()).toEqual(before);
});

it("waits for no other writer", async () => {
  passed(await world.pass());
  const place = { baseDir: world.baseDir, directorBaseDir: world.baseDir, timeZone: "UTC", lockWaitMs: 0 };
  const writer = createVolume({ ...place, clock: { now: Date.now }, newId: () => "writer" });
  const seen = await writer.withLock(() => dryRun(), new AbortController().signal);
  expect(seen).toMatchObject({ kind: "done", value: { outcome: { kind: "passed" } } });
});

it("fails where a pass would write all the same", async () => {
  world.isReadOnly = true;
  world.restart();
  await expect(world.pass()).rejects.toThrow("a pass that only looks wrote to the volume");
});

it("says that BASE_DIR is not there", async () => {
  await rm(world.baseDir, { recursive: true });
  expect((await dryRun()).outcome).toMatchObject({ kind: "volume", reason: "NotFound" });
});
