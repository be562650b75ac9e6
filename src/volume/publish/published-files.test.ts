import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT, NEVER, type TemporaryVolume, temporaryVolume } from "../temporary-volume.fixture.ts";

let temp: TemporaryVolume;
beforeEach(() => {
  temp = temporaryVolume();
});
afterEach(() => {
  temp.remove();
});

const OTHER = { ...CLIENT, openstack: "os2", client: "fd-2", jobPrefix: "other-" };
const swap = (...texts: [typeof CLIENT, string][]) => temp.locked((tree) => tree.swapPublished(new Map(texts), NEVER));
const owed = () => temp.locked((tree) => tree.reloadOwed());
const included = () =>
  temp
    .text("include.conf")
    .split("\n")
    .filter((line) => line.startsWith("@"));

/** A swap whose reload was good. */
const publish = (...texts: [typeof CLIENT, string][]) =>
  temp.locked(async (tree) => (await tree.swapPublished(new Map(texts), NEVER)).commit());

describe("publishing", () => {
  it("puts the text and its line in include.conf in force, by the Director's path", async () => {
    expect((await swap([CLIENT, "text"])).changed).toBe(true);
    expect(temp.text("dc1/os1/published.conf")).toBe("text");
    expect(included()).toEqual(["@/director/openstack/dc1/os1/published.conf"]);
    expect(statSync(temp.pathOf("include.conf")).mode & 0o777).toBe(0o640);
    expect(await temp.locked((tree) => tree.readPublished(CLIENT))).toBe("text");
    expect(await temp.locked((tree) => tree.readPublished(OTHER))).toBeUndefined();
  });

  it("changes nothing, and says so, when every byte is there already", async () => {
    await publish([CLIENT, "text"]);
    const { ino, ctimeMs } = statSync(temp.pathOf("dc1/os1/published.conf"));
    expect((await swap([CLIENT, "text"])).changed).toBe(false);
    expect(statSync(temp.pathOf("dc1/os1/published.conf"))).toMatchObject({ ino, ctimeMs });
    expect(await owed()).toBe(false);
  });

  it("carries over what other clients have published, whoever they are", async () => {
    temp.put("dc9/unconfigured/published.conf", "theirs");
    await publish([CLIENT, "text"]);
    expect(included()).toEqual([
      "@/director/openstack/dc1/os1/published.conf",
      "@/director/openstack/dc9/unconfigured/published.conf",
    ]);
    expect(temp.text("dc9/unconfigured/published.conf")).toBe("theirs");
  });

  it("keeps mode and owner of what it replaces, on the way back too", async () => {
    await publish([CLIENT, "old"]);
    chmodSync(temp.pathOf("dc1/os1/published.conf"), 0o644);
    await temp.locked(async (tree) => {
      const swapped = await tree.swapPublished(new Map([[CLIENT, "new"]]), NEVER);
      expect(statSync(temp.pathOf("dc1/os1/published.conf")).mode & 0o777).toBe(0o644);
      await swapped.putBack();
    });
    expect(statSync(temp.pathOf("dc1/os1/published.conf")).mode & 0o777).toBe(0o644);
  });
});

describe("putting back", () => {
  it("returns every byte, and a new client's file goes together with its line", async () => {
    await publish([CLIENT, "old"]);
    const before = temp.text("include.conf");
    await temp.locked(async (tree) => {
      const texts = new Map([
        [CLIENT, "bad"],
        [OTHER, "bad too"],
      ]);
      const swapped = await tree.swapPublished(texts, NEVER);
      expect(included()).toHaveLength(2);
      await swapped.putBack();
    });
    expect(temp.files()).toEqual(["dc1/os1/published.conf", "include.conf"]);
    expect(temp.text("dc1/os1/published.conf")).toBe("old");
    expect(temp.text("include.conf")).toBe(before);
    expect(await owed()).toBe(false);
  });

  it("leads to the last committed bytes over any number of swaps that were not", async () => {
    await publish([CLIENT, "good"]);
    await swap([CLIENT, "lost in a crash"]);
    await swap([CLIENT, "lost again"], [OTHER, "new"]);
    await temp.locked(async (tree) => (await tree.swapPublished(new Map([[CLIENT, "third"]]), NEVER)).putBack());
    expect(temp.text("dc1/os1/published.conf")).toBe("good");
    expect(temp.files()).not.toContain("dc1/os2/published.conf");
    expect(temp.stateFiles()).toEqual(["lock"]);
  });

  it("can be done again when it was cut short", async () => {
    await publish([CLIENT, "good"], [OTHER, "good too"]);
    await swap([CLIENT, "bad"], [OTHER, "bad too"]);
    // A crash after the first of two files was put back.
    rmSync(temp.pathOf("dc1/os1/published.conf"));
    const [saved] = temp.stateFiles().filter((name) => name.endsWith("1.conf"));
    expect(saved).toBe("swap/1.conf");
    temp.put("dc1/os1/published.conf", temp.text(`.bacula-openstack-sync/${saved}`));
    rmSync(temp.pathOf(`.bacula-openstack-sync/${saved}`));
    await temp.locked(async (tree) => (await tree.swapPublished(new Map([[CLIENT, "third"]]), NEVER)).putBack());
    expect(temp.text("dc1/os1/published.conf")).toBe("good");
    expect(temp.text("dc1/os2/published.conf")).toBe("good too");
  });
});

describe("a reload that is owed", () => {
  it("is known from the swap to its commit, also to another process", async () => {
    expect(await owed()).toBe(false);
    await swap([CLIENT, "text"]); // and the process died here
    const later = temporaryVolume({ baseDir: temp.baseDir });
    const owedLater = await later.volume.withLock((tree) => tree.reloadOwed(), NEVER);
    expect(owedLater).toEqual({ kind: "done", value: true });
    later.remove();
    await temp.locked(async (tree) => {
      const again = await tree.swapPublished(new Map([[CLIENT, "text"]]), NEVER);
      expect(again.changed).toBe(true);
      await again.commit();
      expect(await tree.reloadOwed()).toBe(false);
    });
    expect((await swap([CLIENT, "text"])).changed).toBe(false);
  });

  it("is still owed when its note was damaged", async () => {
    await swap([CLIENT, "text"]);
    temp.put(".bacula-openstack-sync/swap/owed.json", "{");
    expect(await owed()).toBe(true);
  });
});

describe("include.conf", () => {
  const repair = () => temp.locked((tree) => tree.repairInclude(NEVER));

  it("is made empty where nothing is published, without a reload", async () => {
    expect(await repair()).toBe(true);
    expect(included()).toEqual([]);
    expect(await owed()).toBe(false);
    expect(await repair()).toBe(false);
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["naming a file that is gone", "@/director/openstack/gone/os/published.conf\n"],
  ])("is repaired when %s, and a reload is owed", async (_, text) => {
    temp.put("dc1/os1/published.conf", "text");
    if (text !== undefined) temp.put("include.conf", text);
    expect(await repair()).toBe(true);
    expect(included()).toEqual(["@/director/openstack/dc1/os1/published.conf"]);
    expect(await owed()).toBe(true);
  });

  it("stays repaired when the swap after it is put back", async () => {
    temp.put("dc1/os1/published.conf", "text");
    await repair();
    await temp.locked(async (tree) => (await tree.swapPublished(new Map([[CLIENT, "bad"]]), NEVER)).putBack());
    expect(included()).toEqual(["@/director/openstack/dc1/os1/published.conf"]);
    expect(temp.text("dc1/os1/published.conf")).toBe("text");
  });

  it("does not list files, state, lost+found or folders of the file system", async () => {
    temp.put("include.conf", "");
    temp.put("published.conf", "one level too high");
    temp.put("dc1/published.conf", "still too high");
    temp.put("dc1/os1/web/published.conf", "too low");
    temp.put("lost+found/os/published.conf", "");
    temp.put(".snapshot/os/published.conf", "");
    mkdirSync(temp.pathOf("dc1/os3/published.conf"), { recursive: true });
    await repair();
    expect(included()).toEqual([]);
  });

  it("does not change when a part of the tree cannot be seen", async () => {
    await publish([CLIENT, "text"]);
    const before = temp.text("include.conf");
    symlinkSync("loop", temp.pathOf("loop")); // cannot be read by anybody
    const outcome = await temp.volume.withLock((tree) => tree.swapPublished(new Map([[OTHER, "new"]]), NEVER), NEVER);
    expect(outcome).toMatchObject({ kind: "unusable" });
    expect(temp.text("include.conf")).toBe(before);
    expect(temp.files()).not.toContain("dc1/os2/published.conf");
    expect(await owed()).toBe(false);
  });

  it("refuses to be a symbolic link, and nothing is swapped", async () => {
    temp.put("elsewhere", "precious");
    symlinkSync(temp.pathOf("elsewhere"), temp.pathOf("include.conf"));
    const outcome = await temp.volume.withLock((tree) => tree.swapPublished(new Map([[CLIENT, "x"]]), NEVER), NEVER);
    expect(outcome).toMatchObject({ kind: "unusable", reason: "SymlinkRefused" });
    expect(temp.text("elsewhere")).toBe("precious");
    expect(temp.files()).not.toContain("dc1/os1/published.conf");
  });

  it("names a folder that the Director could not include", async () => {
    temp.put('dc1/o"s/published.conf', "text");
    const outcome = await temp.volume.withLock((tree) => tree.repairInclude(NEVER), NEVER);
    expect(outcome).toMatchObject({ kind: "unusable", detail: expect.stringContaining("rename the folder") });
  });
});

describe("what the last proven reload left in force", () => {
  const proven = (client = CLIENT) => temp.locked((tree) => tree.readProven(client));

  it("is what is published, unless a reload is owed; then what was there before", async () => {
    expect(await proven()).toBeUndefined();
    await swap([CLIENT, "first"]);
    expect(await proven()).toBeUndefined();
    await publish([CLIENT, "first"], [OTHER, "theirs"]);
    expect(await proven()).toBe("first");
    await swap([CLIENT, "second"]);
    await swap([CLIENT, "third"]);
    expect([await proven(), await proven(OTHER)]).toEqual(["first", "theirs"]);
    await publish([CLIENT, "third"]);
    expect(await proven()).toBe("third");
  });

  it("is not known, and taken for what is published, when the kept bytes are lost", async () => {
    await publish([CLIENT, "first"]);
    await swap([CLIENT, "second"]);
    rmSync(temp.pathOf(".bacula-openstack-sync/swap"), { recursive: true });
    expect(await proven()).toBe("second");
  });
});

describe("a repair of what the Director would not start with", () => {
  const repair = (...texts: [typeof CLIENT, string][]) =>
    temp.locked((tree) => tree.repairPublished(new Map(texts), NEVER));

  it("is owed a reload and never put back, while another client's swap is", async () => {
    await publish([CLIENT, "broken"], [OTHER, "good"]);
    await repair([CLIENT, "mended"]);
    expect(await owed()).toBe(true);
    await temp.locked(async (tree) => (await tree.swapPublished(new Map([[OTHER, "new"]]), NEVER)).putBack());
    expect([temp.text("dc1/os1/published.conf"), temp.text("dc1/os2/published.conf")]).toEqual(["mended", "good"]);
  });

  it("drops what an owed swap had kept", async () => {
    await publish([CLIENT, "older"]);
    await swap([CLIENT, "broken"]);
    await repair([CLIENT, "mended"]);
    await temp.locked(async (tree) => (await tree.swapPublished(new Map([[CLIENT, "next"]]), NEVER)).putBack());
    expect(temp.text("dc1/os1/published.conf")).toBe("mended");
  });

  it("of what is well already owes nothing", async () => {
    await publish([CLIENT, "text"]);
    await repair([CLIENT, "text"]);
    expect(await owed()).toBe(false);
  });
});
