import { existsSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LockedTree } from "../sync/ports.ts";
import { CLIENT, jobText, NEVER, type TemporaryVolume, temporaryVolume } from "./temporary-volume.fixture.ts";

let temp: TemporaryVolume;
beforeEach(() => {
  temp = temporaryVolume();
});
afterEach(() => {
  temp.remove();
});

describe("the lock within one process", () => {
  it("lets one call work at a time, in the order of arrival", async () => {
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      seen.push(`${name} out`);
    };
    await Promise.all(["a", "b", "c"].map((name) => temp.volume.withLock(work(name), NEVER)));
    expect(seen).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  it("is left by a call whose signal aborts while it waits, and goes on for the others", async () => {
    const abort = new AbortController();
    const first = temp.volume.withLock(() => new Promise((resolve) => setTimeout(resolve, 100)), NEVER);
    const second = temp.volume.withLock(async () => "never", abort.signal);
    const third = temp.volume.withLock(async () => "third", NEVER);
    abort.abort(new Error("stopping"));
    await expect(second).rejects.toThrow("stopping");
    await first;
    expect(await third).toEqual({ kind: "done", value: "third" });
  });

  it("is free again after work that failed", async () => {
    await expect(temp.volume.withLock(() => Promise.reject(new Error("bug")), NEVER)).rejects.toThrow("bug");
    expect(await temp.locked(async () => "next")).toBe("next");
  });

  it("cannot be used after its release", async () => {
    let kept: LockedTree | undefined;
    await temp.locked(async (tree) => {
      kept = tree;
    });
    await expect(kept?.readClient(CLIENT, NEVER)).rejects.toThrow("after its release");
    await expect(kept?.writeState("x", 1)).rejects.toThrow("after its release");
    await expect(kept?.swapPublished(new Map([[CLIENT, "x"]]), NEVER)).rejects.toThrow("after its release");
  });

  it("is not believed any more when the state folder was removed under it", async () => {
    const outcome = await temp.volume.withLock(async (tree) => {
      rmSync(temp.pathOf(".bacula-openstack-sync"), { recursive: true });
      return tree.write(CLIENT, [{ kind: "create", slug: "web", job: jobText("web"), fileSet: "x" }], NEVER);
    }, NEVER);
    expect(outcome).toMatchObject({ kind: "unusable", reason: "WrongVolume" });
    expect(temp.files()).toEqual([]);
  });
});

describe("a volume that is not there", () => {
  it("is NotFound and is not made: a missing mount must not become an empty tree", async () => {
    const baseDir = temp.pathOf("not-mounted");
    const { volume, remove } = temporaryVolume({ baseDir });
    expect(await volume.withLock(async () => "never", NEVER)).toMatchObject({ kind: "unusable", reason: "NotFound" });
    expect(existsSync(baseDir)).toBe(false);
    remove();
  });
});

describe("state documents", () => {
  it("come back as they were written, whatever their names are", async () => {
    const names = ["applied", "listing/bacula dc1 fd", "..", "x".repeat(400), "größe", "a%2Fb"];
    await temp.locked(async (tree) => {
      for (const name of names) await tree.writeState(name, { name });
    });
    for (const name of names) expect(await temp.locked((tree) => tree.readState(name))).toEqual({ name });
    expect(temp.files()).toEqual([]);
  });

  it.each(["", "{", '{"a":', "\u0000"])("are lost when they hold %j", async (text) => {
    temp.put(".bacula-openstack-sync/applied.json", text);
    expect(await temp.locked((tree) => tree.readState("applied"))).toBeUndefined();
  });

  it("are undefined before they were written", async () => {
    expect(await temp.locked((tree) => tree.readState("applied"))).toBeUndefined();
  });
});

describe("the volume's id", () => {
  it("is given once and kept", async () => {
    await temp.locked(async (tree) => {
      expect(await tree.volumeId()).toBeUndefined();
      expect(await tree.adoptVolume()).toBe("id-of-a-test");
    });
    const other = temporaryVolume({ baseDir: temp.baseDir, newId: () => "another" });
    expect(await other.volume.withLock((tree) => tree.adoptVolume(), NEVER)).toEqual({
      kind: "done",
      value: "id-of-a-test",
    });
    other.remove();
  });

  it("is unknown when its document is damaged", async () => {
    temp.put(".bacula-openstack-sync/volume-id.json", '{"id": 5}');
    expect(await temp.locked((tree) => tree.volumeId())).toBeUndefined();
  });
});

describe("the texts of a client's files", () => {
  it("come in the order of their slugs, ours and foreign, with bytes that are no UTF-8", async () => {
    temp.put("dc1/os1/b/job", "b");
    temp.put("dc1/os1/b/fileset", Buffer.from("# caf\xe9", "latin1"));
    temp.put("dc1/os1/B/job", "B");
    temp.put("dc1/os1/a/fileset", "a");
    temp.put("dc1/os1/c/job.rejected", "c");
    const texts = await temp.locked((tree) => tree.readTexts(CLIENT, NEVER));
    expect(texts).toEqual([
      { slug: "B", job: "B", fileSet: undefined },
      { slug: "a", job: undefined, fileSet: "a" },
      { slug: "b", job: "b", fileSet: "# caf\udce9" },
    ]);
  });
});
