import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVolume } from "../../../src/volume/volume.ts";
import { startChild } from "./child.ts";

let baseDir: string;
beforeEach(() => {
  baseDir = mkdtempSync(join(tmpdir(), "crash-"));
});
afterEach(() => {
  rmSync(baseDir, { recursive: true });
});

const never = new AbortController().signal;
const client = { datacenter: "dc1", openstack: "os1", client: "fd-1", jobPrefix: "backup-" };

function nextWriter() {
  return createVolume({
    baseDir,
    directorBaseDir: baseDir,
    timeZone: "UTC",
    lockWaitMs: 5000,
    clock: Date,
    newId: () => "id",
  });
}

/** The task in a process of its own, killed with -9 so long after it began to write. */
async function killedAfter(delayMs: number, ...task: readonly string[]): Promise<void> {
  const [name = "", ...rest] = task;
  const child = startChild(name, baseDir, ...rest);
  expect(await child.line()).toBe("writing");
  await setTimeout(delayMs);
  await child.kill();
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

const temporaries = () => filesBelow(baseDir).filter((path) => path.endsWith(".tmp"));

/** Delays spread over the work of one round, each a little different in every run. */
const delays = (count: number, longestMs: number) =>
  Array.from({ length: count }, (_, n) => Math.round(((n + Math.random()) / count) * longestMs));

describe("a writer killed with -9 at any moment", () => {
  it("leaves every edited job file old or new, and the next writer removes what it left", async () => {
    const job = (n: number) => `#@vm: vm-${n}
#@uuid: 014c5892-5efb-4efb-bd60-4e038800475d
#@datacenter: dc1
#@openstack: os1
#@client: fd-1
#@status: active
Job {
  Name = "backup-vm-${n}"
  Enabled = yes
}
`;
    const edited = (n: number) =>
      job(n)
        .replace("#@status: active\n", "#@status: active\n#@missing-since: 2026-01-01T00:00:00Z\n")
        .replace("Enabled = yes", "Enabled = no");
    const slugs = Array.from({ length: 60 }, (_, n) => `vm-${n}`);
    for (const [n, slug] of slugs.entries()) {
      mkdirSync(join(baseDir, "dc1/os1", slug), { recursive: true });
      writeFileSync(join(baseDir, "dc1/os1", slug, "job"), job(n));
    }
    let left = 0;
    for (const delayMs of delays(12, 60)) {
      await killedAfter(delayMs, "edit");
      left += temporaries().length;
      for (const [n, slug] of slugs.entries()) {
        const text = readFileSync(join(baseDir, "dc1/os1", slug, "job"), "utf8").replaceAll(
          /missing-since: +/g,
          "missing-since: ",
        );
        expect([job(n), edited(n)]).toContain(text);
      }
      const outcome = await nextWriter().withLock((tree) => tree.readClient(client, never), never);
      expect(outcome).toMatchObject({ kind: "done", value: { folders: expect.objectContaining({ length: 60 }) } });
      expect(temporaries()).toEqual([]);
    }
    expect(left).toBeGreaterThan(0); // else no kill came while there was something to lose
  }, 120_000);

  it("leaves no half file of new VMs, never a job without its fileset, and the next writer completes them", async () => {
    for (const delayMs of delays(10, 150)) {
      await killedAfter(delayMs, "create", "400");
      const found = filesBelow(baseDir).filter((path) => path.startsWith("dc1/") && !path.endsWith(".tmp"));
      for (const path of found) {
        const [, , slug = "", name = ""] = path.split("/");
        expect(readFileSync(join(baseDir, path), "utf8")).toBe(`${name} of ${slug}\n`);
        expect(found).toContain(`dc1/os1/${slug}/fileset`);
      }
      const child = startChild("create", baseDir, "400");
      expect(await child.line()).toBe("writing");
      expect(await child.line()).toBe("done");
      expect(filesBelow(join(baseDir, "dc1"))).toHaveLength(800);
      rmSync(join(baseDir, "dc1"), { recursive: true });
    }
  }, 120_000);

  it("leaves every copy of a refused job whole or not there, and the jobs untouched", async () => {
    const job = 'Job {\n  Name = "by-hand"\n}\n';
    const folder = (n: number) => join(baseDir, "dc1/os1", `vm-${n}`);
    for (let n = 0; n < 60; n++) {
      mkdirSync(folder(n), { recursive: true });
      writeFileSync(join(folder(n), "job"), job);
    }
    let left = 0;
    for (const delayMs of delays(12, 100)) {
      await killedAfter(delayMs, "reject");
      left += temporaries().length;
      for (let n = 0; n < 60; n++) {
        expect(readFileSync(join(folder(n), "job"), "utf8")).toBe(job);
        const copy = join(folder(n), "job.rejected");
        expect([undefined, 10_013, 20_013]).toContain(existsSync(copy) ? readFileSync(copy).length : undefined);
      }
      await nextWriter().withLock((tree) => tree.readClient(client, never), never);
      expect(temporaries()).toEqual([]);
    }
    expect(left).toBeGreaterThan(0);
  }, 120_000);

  it("leaves published files that the Director can load, and the way back to the last good ones", async () => {
    const published = join(baseDir, "dc1/os1/published.conf");
    await nextWriter().withLock(async (tree) => {
      await (await tree.swapPublished(new Map([[client, "# good\n"]]), never)).commit();
    }, never);
    for (const delayMs of delays(12, 80)) {
      await killedAfter(delayMs, "publish");
      expect(["# good\n".length, 50_003, 100_003]).toContain(readFileSync(published).length);
      const include = readFileSync(join(baseDir, "include.conf"), "utf8").matchAll(/^@(.*)$/gm);
      for (const [, path = ""] of include) expect(existsSync(path)).toBe(true);
      await nextWriter().withLock(async (tree) => {
        const wasOwed = await tree.reloadOwed();
        const swap = await tree.swapPublished(new Map([[client, `# try ${delayMs}\n`]]), never);
        expect(swap.changed).toBe(true);
        await swap.putBack();
        expect(wasOwed || readFileSync(published, "utf8") === "# good\n").toBe(true);
        expect(await tree.reloadOwed()).toBe(false);
      }, never);
      expect(readFileSync(published, "utf8")).toBe("# good\n");
      expect(filesBelow(baseDir).filter((path) => path.endsWith("published.conf"))).toEqual(["dc1/os1/published.conf"]);
      expect(temporaries()).toEqual([]);
    }
  }, 120_000);
});
