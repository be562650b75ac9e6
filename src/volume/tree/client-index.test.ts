import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientTree } from "../../sync/ports.ts";
import {
  CLIENT,
  fileSetText,
  jobText,
  NEVER,
  type TemporaryVolume,
  temporaryVolume,
} from "../temporary-volume.fixture.ts";

let temp: TemporaryVolume;
beforeEach(() => {
  temp = temporaryVolume();
});
afterEach(() => {
  temp.remove();
});

const read = (): Promise<ClientTree> => temp.locked((tree) => tree.readClient(CLIENT, NEVER));
const kinds = (tree: ClientTree) => tree.folders.map(({ slug, kind }) => `${slug}: ${kind}`);

describe("reading a client's folders", () => {
  it("tells ours, foreign, unreadable and unfinished apart", async () => {
    temp.put("dc1/os1/a-ours/job", jobText("a-ours"));
    temp.put("dc1/os1/a-ours/fileset", fileSetText("a-ours"));
    temp.put("dc1/os1/b-no-fileset/job", jobText("b-no-fileset"));
    temp.put("dc1/os1/c-foreign/job", 'Job {\n  Name = "by-hand"\n}\n');
    temp.put("dc1/os1/d-broken/job", jobText("d-broken").replace("Job {", "Job"));
    temp.put("dc1/os1/e-unfinished/fileset", fileSetText("e"));
    temp.put("dc1/os1/f-rejected-only/job.rejected", "x");
    temp.put("dc1/os1/published.conf", "");
    temp.put("dc1/os1/jobs.tsv", "");
    temp.put("dc1/os1/.snapshot/job", jobText("no"));
    const tree = await read();
    expect(kinds(tree)).toEqual([
      "a-ours: ours",
      "b-no-fileset: ours",
      "c-foreign: foreign",
      "d-broken: unreadable",
      "e-unfinished: unfinished",
    ]);
    const [ours, half, foreign, broken] = tree.folders;
    expect(ours).toMatchObject({
      job: { headers: { uuid: "014c5892-5efb-4efb-bd60-4e038800475d" }, directives: { name: "backup-a-ours" } },
      fileSet: { name: "fs-dc1-os1-a-ours", plugins: [expect.stringContaining("instance=014c5892")] },
    });
    expect(half).not.toHaveProperty("fileSet");
    expect(foreign).toMatchObject({ jobName: "by-hand" });
    expect(broken).toMatchObject({
      uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
      reason: expect.stringContaining("line"),
    });
  });

  it("takes a broken fileset for a person's, not for a missing one", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    temp.put("dc1/os1/web/fileset", "FileSet { Name = ");
    expect((await read()).folders).toMatchObject([{ kind: "unreadable", reason: expect.stringContaining("fileset") }]);
  });

  it("is an empty tree for a client without a folder", async () => {
    expect((await read()).folders).toEqual([]);
  });

  it("names symbolic links and follows none", async () => {
    temp.put("elsewhere/web/job", jobText("web"));
    mkdirSync(temp.pathOf("dc1/os1/file-link"), { recursive: true });
    symlinkSync(temp.pathOf("elsewhere/web"), temp.pathOf("dc1/os1/folder-link"));
    symlinkSync(temp.pathOf("elsewhere/web/job"), temp.pathOf("dc1/os1/file-link/job"));
    symlinkSync(temp.pathOf("elsewhere/web/job"), temp.pathOf("dc1/os1/README"));
    const tree = await read();
    expect(kinds(tree)).toEqual(["file-link: unreadable", "folder-link: unreadable"]);
  });

  it("keeps what it read of files that did not change", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    temp.put("dc1/os1/db/job", jobText("db"));
    const first = await read();
    temp.put("dc1/os1/db/job", jobText("db", "  Priority = 5\n"));
    const second = await read();
    expect(second.folders[1]).toBe(first.folders[1]);
    expect(second.folders[0]).not.toBe(first.folders[0]);
  });

  it("sees a change that kept size and modification time", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    const path = temp.pathOf("dc1/os1/web/job");
    const { atime, mtime } = statSync(path);
    await read();
    await new Promise((resolve) => setTimeout(resolve, 20)); // one tick of the file system's clock
    writeFileSync(path, jobText("web").replace("status:        active", "status:        closed"));
    utimesSync(path, atime, mtime);
    expect((await read()).folders).toMatchObject([{ kind: "unreadable" }]);
  });

  it("reads a file again that was written just before it was read", async () => {
    temp.remove();
    temp = temporaryVolume({ clock: { now: () => Date.now() } });
    temp.put("dc1/os1/web/job", jobText("web"));
    const first = await read();
    const second = await read();
    expect(second.folders[0]).not.toBe(first.folders[0]);
    expect(second.folders).toEqual(first.folders);
  });

  it("forgets what is gone", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    temp.put("dc1/os1/web/fileset", fileSetText("web"));
    await read();
    rmSync(temp.pathOf("dc1/os1/web/fileset"));
    expect((await read()).folders[0]).not.toHaveProperty("fileSet");
    rmSync(temp.pathOf("dc1/os1/web"), { recursive: true });
    expect((await read()).folders).toEqual([]);
  });

  it("does not let names with other bytes than UTF-8 stop it", async () => {
    temp.put("dc1/os1/web/job", Buffer.concat([Buffer.from(jobText("web")), Buffer.from("# caf\xe9\n", "latin1")]));
    expect(kinds(await read())).toEqual(["web: ours"]);
  });
});

describe("the version of a client's tree", () => {
  it("stays while nothing changes, also with an unreadable file, and moves with every change", async () => {
    temp.put("dc1/os1/web/job", jobText("web"));
    temp.put("dc1/os1/bad/job", `${jobText("bad")}}`);
    const first = await read();
    expect((await read()).version).toBe(first.version);
    const versions = [first.version];
    const changes = [
      () => temp.put("dc1/os1/web/job", jobText("web", "  Priority = 5\n")),
      () => temp.put("dc1/os1/web/fileset", fileSetText("web")),
      () => temp.put("dc1/os1/new/job", jobText("new")),
      () => rmSync(temp.pathOf("dc1/os1/new"), { recursive: true }),
      () => temp.put("dc1/os1/bad/job", jobText("bad")),
    ];
    for (const change of changes) {
      change();
      versions.push((await read()).version);
    }
    expect(new Set(versions).size).toBe(versions.length);
    expect((await read()).version).toBe(versions.at(-1));
  });
});

describe("a tree that cannot be seen", () => {
  it("is an error and not an empty tree", async () => {
    temp.put("dc1/os1", "a file where the folder should be");
    expect(await temp.volume.withLock((tree) => tree.readClient(CLIENT, NEVER), NEVER)).toMatchObject({
      kind: "unusable",
      reason: "NotFound",
    });
  });
});
