import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileChange } from "../sync/ports.ts";
import {
  CLIENT,
  fileSetText,
  jobText,
  NEVER,
  type TemporaryVolume,
  temporaryVolume,
  UUID,
} from "./temporary-volume.fixture.ts";

let temp: TemporaryVolume;
beforeEach(() => {
  temp = temporaryVolume();
});
afterEach(() => {
  temp.remove();
});

const write = (changes: readonly FileChange[]) => temp.locked((tree) => tree.write(CLIENT, changes, NEVER));
const create = (slug: string): FileChange => ({ kind: "create", slug, job: jobText(slug), fileSet: fileSetText(slug) });
const disable: FileChange = { kind: "edit", slug: "web", edit: { directives: { enabled: false } } };

describe("creating a VM's files", () => {
  it.each([1, 40])(
    "writes fileset and job of %i VMs, readable by the group of BASE_DIR, and leaves nothing else",
    async (count) => {
      chownIfRoot(temp.baseDir, 4711);
      chmodSync(temp.baseDir, 0o2770);
      const slugs = Array.from({ length: count }, (_, n) => `vm-${String(n).padStart(2, "0")}`);
      expect(await write(slugs.map(create))).toEqual([]);
      expect(temp.files()).toEqual(slugs.flatMap((slug) => [`dc1/os1/${slug}/fileset`, `dc1/os1/${slug}/job`]));
      expect(temp.text("dc1/os1/vm-00/job")).toBe(jobText("vm-00"));
      expect(temp.text("dc1/os1/vm-00/fileset")).toBe(fileSetText("vm-00"));
      for (const path of ["dc1/os1/vm-00/job", "dc1/os1/vm-00/fileset"]) {
        const { mode, gid } = statSync(temp.pathOf(path));
        expect(mode & 0o7777).toBe(0o640);
        expect(gid).toBe(statSync(temp.baseDir).gid);
      }
      expect(statSync(temp.pathOf("dc1/os1/vm-00")).mode & 0o7777).toBe(0o2770);
    },
  );

  it("completes the folder of a crash between the two files", async () => {
    temp.put("dc1/os1/web/fileset", "half of another time");
    expect(await write([create("web")])).toEqual([]);
    expect(temp.text("dc1/os1/web/fileset")).toBe(fileSetText("web"));
  });

  it("tells of each part as soon as it is durable, and not of what failed in it", async () => {
    expect(await write([create("vm-1")])).toEqual([]);
    const slugs = Array.from({ length: 2_500 }, (_, n) => `vm-${n}`);
    const told: string[][] = [];
    const present: string[] = [];
    const onDurable = (durable: ReadonlySet<string>) => {
      told.push([...durable]);
      present.push(...slugs.filter((slug) => existsSync(temp.pathOf(`dc1/os1/${slug}/job`))));
    };
    await temp.locked((tree) => tree.write(CLIENT, slugs.map(create), NEVER, onDurable));
    expect(told.map(({ length }) => length)).toEqual([1_999, 500]);
    expect(told.flat()).not.toContain("vm-1");
    expect(present).toHaveLength(2_000 + 2_500);
  });

  it("never overwrites a job that is there, and writes the others", async () => {
    temp.put("dc1/os1/web/job", "a person's");
    const failed = await write([create("web"), create("db")]);
    expect(failed).toMatchObject([{ slug: "web", reason: "NotWritable" }]);
    expect(temp.files()).toEqual(["dc1/os1/db/fileset", "dc1/os1/db/job", "dc1/os1/web/job"]);
    expect(temp.text("dc1/os1/web/job")).toBe("a person's");
  });

  it.each(["../escape", "a/b", "", ".", "x\ny", "published.conf"])(
    "refuses the slug %j and writes the others",
    async (slug) => {
      expect(await write([create(slug), create("db")])).toMatchObject([{ slug, reason: "NotWritable" }]);
      expect(temp.files()).toEqual(["dc1/os1/db/fileset", "dc1/os1/db/job"]);
    },
  );

  it.each(["dc1", "dc1/os1", "dc1/os1/web"])("refuses a symbolic link at %s", async (path) => {
    const outside = temp.pathOf("outside");
    mkdirSync(outside);
    mkdirSync(temp.pathOf(path).replace(/\/[^/]+$/, ""), { recursive: true });
    symlinkSync(outside, temp.pathOf(path));
    const outcome = await temp.volume.withLock((tree) => tree.write(CLIENT, [create("web")], NEVER), NEVER);
    const reason = outcome.kind === "done" ? outcome.value[0]?.reason : outcome.kind === "unusable" && outcome.reason;
    expect(reason).toBe("SymlinkRefused");
    expect(temp.files()).toEqual([path]);
  });
});

describe("editing a fileset file", () => {
  const from = {
    signature: "SHA256",
    dedup: "",
    plugin: { name: "openstack", proxyServer: "proxy", selector: "instance", options: "" },
  };
  const to = { ...from, signature: "MD5", plugin: { ...from.plugin, proxyServer: "other" } };
  const follow = (slug: string): FileChange => ({ kind: "editFileSet", slug, change: { uuid: UUID, from, to } });

  it("changes what policy changed, around bytes that are no UTF-8, together with the job of the same VM", async () => {
    const before = Buffer.concat([Buffer.from("# caf\xe9\n", "latin1"), Buffer.from(fileSetText("web"))]);
    temp.put("dc1/os1/web/fileset", before);
    temp.put("dc1/os1/web/job", jobText("web"));
    expect(await write([follow("web"), disable])).toEqual([]);
    const expected = before.toString("latin1").replace("SHA256", "MD5").replace("=proxy", "=other");
    expect(readFileSync(temp.pathOf("dc1/os1/web/fileset"), "latin1")).toBe(expected);
    expect(temp.text("dc1/os1/web/job")).toContain("Enabled    = no");
  });

  it("fails for one that is gone or cannot be parsed, and edits the others", async () => {
    temp.put("dc1/os1/bad/fileset", "FileSet { Name = ");
    temp.put("dc1/os1/gone/job", jobText("gone"));
    temp.put("dc1/os1/web/fileset", fileSetText("web"));
    const failed = await write(["bad", "gone", "web"].map(follow));
    expect(failed.map(({ slug }) => slug).sort()).toEqual(["bad", "gone"]);
    expect(temp.text("dc1/os1/web/fileset")).toContain("proxy_server=other");
  });
});

describe("editing a job file", () => {
  it("changes what must change, byte for byte, also around bytes that are no UTF-8", async () => {
    const before = Buffer.concat([Buffer.from("# caf\xe9\n", "latin1"), Buffer.from(jobText("web"))]);
    temp.put("dc1/os1/web/job", before);
    expect(await write([disable])).toEqual([]);
    const expected = before.toString("latin1").replace("Enabled    = yes", "Enabled    = no");
    expect(readFileSync(temp.pathOf("dc1/os1/web/job"), "latin1")).toBe(expected);
  });

  it("does not write a file that says so already", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    const { ino, ctimeMs } = statSync(temp.pathOf("dc1/os1/web/job"));
    expect(await write([{ kind: "edit", slug: "web", edit: { directives: { enabled: true } } }])).toEqual([]);
    expect(statSync(temp.pathOf("dc1/os1/web/job"))).toMatchObject({ ino, ctimeMs });
  });

  it("keeps mode, owner and group", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    const path = temp.pathOf("dc1/os1/web/job");
    chownIfRoot(path, 4712, 4713);
    chmodSync(path, 0o664);
    const { uid, gid, mode } = statSync(path);
    await write([disable]);
    expect(temp.text("dc1/os1/web/job")).toContain("Enabled    = no");
    expect(statSync(path)).toMatchObject({ uid, gid, mode });
  });

  it("keeps an ACL", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    const path = temp.pathOf("dc1/os1/web/job");
    setAccessList(path);
    const before = execFileSync("ls", ["-l", path], { encoding: "utf8" }).slice(0, 11);
    expect(before).toMatch(/\+$/);
    await write([disable]);
    expect(temp.text("dc1/os1/web/job")).toContain("Enabled    = no");
    expect(execFileSync("ls", ["-l", path], { encoding: "utf8" }).slice(0, 11)).toBe(before);
    expect(accessListOf(path)).toEqual(ACCESS_LIST);
  });

  it("refuses a symbolic link", async () => {
    temp.put("elsewhere", jobText("web"));
    mkdirSync(temp.pathOf("dc1/os1/web"), { recursive: true });
    symlinkSync(temp.pathOf("elsewhere"), temp.pathOf("dc1/os1/web/job"));
    expect(await write([disable])).toMatchObject([{ slug: "web", reason: "SymlinkRefused" }]);
    expect(temp.text("elsewhere")).toBe(jobText("web"));
    expect(lstatSync(temp.pathOf("dc1/os1/web/job")).isSymbolicLink()).toBe(true);
  });

  it("fails for a job that is gone or cannot be parsed, and edits the others", async () => {
    temp.put("dc1/os1/bad/job", "Job { Name = ");
    temp.put("dc1/os1/web/job", jobText("web"));
    const failed = await write([{ ...disable, slug: "bad" }, { ...disable, slug: "gone" }, disable]);
    expect(failed.map(({ slug }) => slug).sort()).toEqual(["bad", "gone"]);
    expect(temp.text("dc1/os1/web/job")).toContain("Enabled    = no");
  });
});

describe("the copy of a refused job", () => {
  const reject: FileChange = { kind: "reject", slug: "web", text: "# Rejected: no Pool\nJob {}\n" };

  it("is kept beside the job, and goes again", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    expect(await write([reject])).toEqual([]);
    expect(temp.text("dc1/os1/web/job.rejected")).toBe("# Rejected: no Pool\nJob {}\n");
    expect(temp.text("dc1/os1/web/job")).toBe(jobText("web"));
    expect(await write([{ kind: "unreject", slug: "web" }])).toEqual([]);
    expect(await write([{ kind: "unreject", slug: "web" }])).toEqual([]);
    expect(temp.files()).toEqual(["dc1/os1/web/job"]);
  });

  it("does not bring back a folder that a person has removed", async () => {
    temp.put("dc1/os1/db/job", jobText("db"));
    expect(await write([reject])).toMatchObject([{ slug: "web", reason: "NotFound" }]);
    expect(temp.files()).toEqual(["dc1/os1/db/job"]);
  });

  it("is read with the texts of its folder, and is no job file", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    temp.put("dc1/os1/gone/job.rejected", "x");
    const version = () => temp.locked(async (tree) => (await tree.readClient(CLIENT, NEVER)).version);
    const texts = () => temp.locked((tree) => tree.readTexts(CLIENT, NEVER));
    const before = await version();
    expect(await texts()).toEqual([{ slug: "web", job: jobText("web"), fileSet: undefined }]);
    await write([reject]);
    expect(await texts()).toMatchObject([{ slug: "web", job: jobText("web"), rejected: reject.text }]);
    expect(await version()).toBe(before);
  });

  it("that cannot be read or written keeps no job from the Director", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    symlinkSync("/etc/hostname", temp.pathOf("dc1/os1/web/job.rejected"));
    expect(await temp.locked((tree) => tree.readTexts(CLIENT, NEVER))).toMatchObject([{ job: jobText("web") }]);
    expect(await write([reject])).toMatchObject([{ slug: "web", reason: "SymlinkRefused" }]);
  });
});

describe("an abort", () => {
  it("before the first rename leaves everything as it was", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    const abort = new AbortController();
    const changes = [disable, ...Array.from({ length: 2000 }, (_, n) => create(`vm-${n}`))];
    const writing = temp.locked((tree) => tree.write(CLIENT, changes, abort.signal));
    setTimeout(() => abort.abort(new Error("stopping")), 20);
    await expect(writing).rejects.toThrow("stopping");
    expect(temp.files()).toEqual(["dc1/os1/web/job"]);
    expect(temp.text("dc1/os1/web/job")).toBe(jobText("web"));
  });
});

function chownIfRoot(path: string, gid: number, uid = statSync(path).uid): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}

// user::rw- user:4711:r-- group::r-- mask::r-- other::---, as the kernel keeps it (linux/posix_acl_xattr.h).
const ACCESS_LIST = accessList([
  [0x01, 6, 0xffffffff],
  [0x02, 4, 4711],
  [0x04, 4, 0xffffffff],
  [0x10, 4, 0xffffffff],
  [0x20, 0, 0xffffffff],
]);

function accessList(entries: readonly (readonly [number, number, number])[]): string {
  const bytes = Buffer.alloc(4 + 8 * entries.length);
  bytes.writeUInt32LE(2);
  entries.forEach(([tag, perm, id], n) => {
    bytes.writeUInt16LE(tag, 4 + 8 * n);
    bytes.writeUInt16LE(perm, 6 + 8 * n);
    bytes.writeUInt32LE(id, 8 + 8 * n);
  });
  return bytes.toString("hex");
}

/** Node has no call for it; every Debian has perl. */
function attributeCall(script: string, path: string): string {
  return execFileSync("perl", ["-e", script, path, ACCESS_LIST], { encoding: "utf8" });
}

function setAccessList(path: string): void {
  const number = process.arch === "arm64" ? 5 : 188;
  attributeCall(
    `my $v = pack("H*", $ARGV[1]); my $n = "system.posix_acl_access"; my $p = $ARGV[0]; syscall(${number}, $p, $n, $v, length($v), 0) == 0 or die "$!"`,
    path,
  );
}

function accessListOf(path: string): string {
  const number = process.arch === "arm64" ? 8 : 191;
  return attributeCall(
    `my $v = "\\0" x 200; my $n = "system.posix_acl_access"; my $p = $ARGV[0]; my $l = syscall(${number}, $p, $n, $v, 200); print unpack("H*", substr($v, 0, $l))`,
    path,
  );
}
