import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileChange } from "../../../src/sync/ports.ts";
import { createVolume } from "../../../src/volume/volume.ts";

/** A file system of its own that can be filled and made read-only; needs root, as the test bed does. */
let baseDir: string;
beforeEach(() => {
  baseDir = mkdtempSync(join(tmpdir(), "refusing-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=755", "none", baseDir]);
});
afterEach(() => {
  execFileSync("umount", [baseDir]);
  rmSync(baseDir, { recursive: true });
});

const never = new AbortController().signal;
const client = { datacenter: "dc1", openstack: "os1", client: "fd-1", jobPrefix: "backup-" };
const job = `#@vm: web
#@uuid: 014c5892-5efb-4efb-bd60-4e038800475d
#@datacenter: dc1
#@openstack: os1
#@client: fd-1
#@status: active
Job {
  Name = "backup-web"
  Enabled = yes
}
`;
const create = (slug: string, size = 10): FileChange => ({
  kind: "create",
  slug,
  job: "j".repeat(size),
  fileSet: "f".repeat(size),
});

const volume = () =>
  createVolume({ baseDir, directorBaseDir: "/d", timeZone: "UTC", lockWaitMs: 1000, clock: Date, newId: () => "id" });

function files(): string[] {
  return readdirSync(baseDir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(baseDir.length + 1))
    .filter((path) => !path.startsWith(".bacula-openstack-sync/"))
    .sort();
}

/** Leaves no byte free, but files and folders can still be made. */
function fill(): void {
  try {
    writeFileSync(join(baseDir, "ballast"), Buffer.alloc(1 << 20));
  } catch {
    // full now
  }
}

describe("a full disk", () => {
  it("refuses what does not fit without half a file, and takes what does", async () => {
    const huge = await volume().withLock((tree) => tree.write(client, [create("huge", 150_000)], never), never);
    expect(huge).toMatchObject({ kind: "done", value: [{ slug: "huge", reason: "NoSpace" }] });
    expect(files()).toEqual([]);
    const small = [create("small-1"), create("small-2")];
    expect(await volume().withLock((tree) => tree.write(client, small, never), never)).toEqual({
      kind: "done",
      value: [],
    });
    expect(files()).toEqual(
      ["small-1", "small-2"].flatMap((slug) => [`dc1/os1/${slug}/fileset`, `dc1/os1/${slug}/job`]),
    );
  });

  it("is told when there is no room for anything, can still be read, and is written to when there is room again", async () => {
    mkdirSync(join(baseDir, "dc1/os1/web"), { recursive: true });
    writeFileSync(join(baseDir, "dc1/os1/web/job"), job);
    await volume().withLock((tree) => tree.adoptVolume(), never);
    fill();
    const edit: FileChange = { kind: "edit", slug: "web", edit: { directives: { enabled: false } } };
    const refused = await volume().withLock((tree) => tree.write(client, [edit], never), never);
    expect(refused).toMatchObject({ kind: "unusable", reason: "NoSpace", detail: expect.not.stringContaining(".tmp") });
    expect(readFileSync(join(baseDir, "dc1/os1/web/job"), "utf8")).toBe(job);
    const read = await volume().withLock((tree) => tree.readClient(client, never), never);
    expect(read).toMatchObject({ kind: "done", value: { folders: [{ kind: "ours", slug: "web" }] } });
    rmSync(join(baseDir, "ballast"));
    expect(await volume().withLock((tree) => tree.write(client, [edit], never), never)).toEqual({
      kind: "done",
      value: [],
    });
    expect(readFileSync(join(baseDir, "dc1/os1/web/job"), "utf8")).toContain("Enabled = no");
  });

  it("keeps what is published, and a swap can be put back on it", async () => {
    const texts = (text: string) => new Map([[client, text]]);
    await volume().withLock(async (tree) => (await tree.swapPublished(texts("good"), never)).commit(), never);
    const tooLarge = await volume().withLock((tree) => tree.swapPublished(texts("x".repeat(400_000)), never), never);
    expect(tooLarge).toMatchObject({ kind: "unusable", reason: "NoSpace" });
    expect(files()).toEqual(["dc1/os1/published.conf", "include.conf"]);
    expect(readFileSync(join(baseDir, "dc1/os1/published.conf"), "utf8")).toBe("good");
    await volume().withLock(async (tree) => {
      const swap = await tree.swapPublished(texts("bad"), never);
      fill();
      await swap.putBack();
    }, never);
    expect(readFileSync(join(baseDir, "dc1/os1/published.conf"), "utf8")).toBe("good");
  });
});

describe("a read-only volume", () => {
  it("is NotWritable, and nothing changes", async () => {
    await volume().withLock((tree) => tree.write(client, [create("web")], never), never);
    execFileSync("mount", ["-o", "remount,ro", baseDir]);
    const outcome = await volume().withLock(async () => "never", never);
    expect(outcome).toMatchObject({
      kind: "unusable",
      reason: "NotWritable",
      detail: expect.stringContaining(baseDir),
    });
    expect(files()).toEqual(["dc1/os1/web/fileset", "dc1/os1/web/job"]);
  });

  it("in a part of the tree fails the changes there and leaves no half file", async () => {
    const part = join(baseDir, "dc1");
    mkdirSync(part);
    execFileSync("mount", ["-t", "tmpfs", "none", part]);
    mkdirSync(join(part, "os1", "web"), { recursive: true });
    writeFileSync(join(part, "os1", "web", "job"), job);
    execFileSync("mount", ["-o", "remount,ro", part]);
    try {
      const edit: FileChange = { kind: "edit", slug: "web", edit: { directives: { enabled: false } } };
      const outcome = await volume().withLock((tree) => tree.write(client, [create("new"), edit], never), never);
      expect(outcome).toMatchObject({
        kind: "done",
        value: [
          { slug: "new", reason: "NotWritable" },
          { slug: "web", reason: "NotWritable" },
        ],
      });
      const swapped = await volume().withLock((tree) => tree.swapPublished(new Map([[client, "x"]]), never), never);
      expect(swapped).toMatchObject({ kind: "unusable", reason: "NotWritable" });
      expect(files()).toEqual(["dc1/os1/web/job", "include.conf"]);
      expect(readFileSync(join(baseDir, "include.conf"), "utf8")).not.toContain("@");
    } finally {
      execFileSync("umount", [part]);
    }
  });
});
