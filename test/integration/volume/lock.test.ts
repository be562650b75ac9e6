import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVolume } from "../../../src/volume/volume.ts";
import { type Child, startChild } from "./child.ts";

let baseDir: string;
let children: Child[];
beforeEach(() => {
  baseDir = mkdtempSync(join(tmpdir(), "lock-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) await child.kill();
  rmSync(baseDir, { recursive: true });
});

const never = new AbortController().signal;
const volumeWaiting = (lockWaitMs: number) =>
  createVolume({ baseDir, directorBaseDir: baseDir, timeZone: "UTC", lockWaitMs, clock: Date, newId: () => "id" });

async function holder(): Promise<Child> {
  const child = startChild("hold", baseDir);
  children.push(child);
  expect(await child.line()).toBe("held");
  return child;
}

describe("the lock between two processes", () => {
  it("is had by one; the other says who holds it, after its wait and not before", async () => {
    await holder();
    const startedAt = performance.now();
    const outcome = await volumeWaiting(700).withLock(async () => "never", never);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(690);
    expect(outcome).toMatchObject({
      kind: "held",
      holder: expect.stringMatching(/^pid \d+ on \S+ since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  it("is free at once when its holder is killed with -9, and the waiting one gets it", async () => {
    const child = await holder();
    const waiting = volumeWaiting(20_000).withLock(async () => "mine", never);
    setTimeout(() => void child.kill(), 200);
    const startedAt = performance.now();
    expect(await waiting).toEqual({ kind: "done", value: "mine" });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it("is waited for no longer than the caller wants", async () => {
    await holder();
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("stopping")), 100);
    await expect(volumeWaiting(60_000).withLock(async () => "never", abort.signal)).rejects.toThrow("stopping");
  });

  it("is given on: after the work the file names nobody and another process has it", async () => {
    expect(await volumeWaiting(1000).withLock(async () => "first", never)).toMatchObject({ kind: "done" });
    expect(readFileSync(join(baseDir, ".bacula-openstack-sync", "lock"), "utf8")).toBe("");
    await holder();
  });

  it("names its holder while it is held", async () => {
    await volumeWaiting(1000).withLock(async () => {
      const text = readFileSync(join(baseDir, ".bacula-openstack-sync", "lock"), "utf8");
      expect(text).toContain(`pid ${process.pid} on `);
    }, never);
  });
});
