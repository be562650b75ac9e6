import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { CommandLine } from "../../support/cli/command-line.ts";
import { mountSmallVolume, unmountSmallVolume } from "../../support/e2e/small-volume.ts";
import { readBaseDir } from "../../support/e2e/tree.ts";

let bed: BaculaBed;
let program: CommandLine;
const fleet: string[] = [];
beforeAll(async () => {
  bed = await startBaculaBed({ name: "cli-writers", clients: ["bacula-dc1-os1-fd"] });
  mountSmallVolume(bed.baseDir);
  program = await CommandLine.create(bed, "datacenter1 openstack1 bacula-dc1-os1-fd dc1-os1-proxy backup-dc1-os1-\n");
});
afterAll(async () => {
  await program.remove();
  unmountSmallVolume(bed.baseDir);
  await bed.wipe();
});

async function addVm(): Promise<void> {
  fleet.push(`server=vm${fleet.length} uuid=2222222${fleet.length}-2222-4222-8222-222222222222\n`);
  await bed.fleet("dc1-os1-proxy", fleet.join(""));
}

/** Holds the lock as another writer does, while `work` goes on. */
async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  const place = { baseDir: bed.baseDir, directorBaseDir: bed.baseDir, timeZone: "UTC", lockWaitMs: 0 };
  const writer = createVolume({ ...place, clock: { now: () => Date.now() }, newId: () => "writer" });
  const done = await writer.withLock(work, new AbortController().signal);
  if (done.kind !== "done") throw new Error(JSON.stringify(done));
  return done.value;
}

describe("a second writer", () => {
  it("says who holds the lock, changes nothing, and ends with 4", async () => {
    await addVm();
    const before = await readBaseDir(bed.baseDir);
    const run = await whileLocked(() => program.run(["sync"], { LOCK_WAIT: "1s" }));
    expect(run.exitCode).toBe(4);
    const holder = `pid ${process.pid} on `;
    expect(run.stderr).toContain(`WARN: another writer of ${bed.baseDir} is at work (${holder}`);
    expect(run.stderr).toMatch(
      new RegExp(`^ERROR: bacula-dc1-os1-fd: Another writer holds the lock: ${holder}.*LockHeld\\]$`, "mu"),
    );
    expect(await readBaseDir(bed.baseDir)).toEqual(before);
  });

  it("waits for the first to end, and says so", async () => {
    let run: Promise<Awaited<ReturnType<CommandLine["run"]>>> | undefined;
    await whileLocked(async () => {
      run = program.run(["sync"], { LOCK_WAIT: "1m" });
      await Promise.race([run, new Promise((resolve) => setTimeout(resolve, 9_000))]);
    });
    const { exitCode, stderr, stdout } = (await run) ?? { exitCode: -1, stderr: "", stdout: "" };
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^WARN: another writer .* waiting for it up to 1m \(LOCK_WAIT\)$/mu);
    expect(stdout).toContain("Create backup-dc1-os1-vm0");
  });

  it("is the same program started twice: one does the work, and each VM has one job", async () => {
    await addVm();
    const runs = await Promise.all([program.run(["sync"]), program.run(["sync"]), program.run(["sync"])]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(runs.filter(({ stdout }) => stdout.includes("Create backup-dc1-os1-vm1"))).toHaveLength(1);
  });
});

describe("a full disk", () => {
  it("is told, leaves every file whole, and the next sync completes the work", async () => {
    await addVm();
    const ballast = join(bed.baseDir, "ballast");
    const before = await readBaseDir(bed.baseDir);
    // Written until there is no byte left.
    expect(() => writeFileSync(ballast, Buffer.alloc(1 << 22))).toThrow("ENOSPC");
    const full = await program.run(["sync"]);
    const during = new Map(await readBaseDir(bed.baseDir));
    rmSync(ballast);
    during.delete("ballast");
    expect(full.exitCode).toBe(1);
    expect(full.stderr).toMatch(/^ERROR: bacula-dc1-os1-fd: .*(?:NoSpace|volume is full).*NoSpace\]$/mu);
    expect(during).toEqual(before);
    const after = await program.run(["sync"]);
    expect(after).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await bed.console(".jobs type=B")).toContain("backup-dc1-os1-vm2");
  });
});
