import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VolumeError } from "../volume-error.ts";
import { type ReplaceUnit, replaceFiles } from "./replace-files.ts";
import { isTemporaryName } from "./temporary-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "replace-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const path = (name: string) => join(folder, name);
const put = (name: string, text: string) => writeFileSync(path(name), text);
const text = (name: string) => readFileSync(path(name), "utf8");
const replace = (units: readonly ReplaceUnit[]) =>
  replaceFiles(units, { syncRoot: folder, newFileGid: statSync(folder).gid, signal: new AbortController().signal });

describe("what is on disk right before the rename", () => {
  it("wins over what was staged: a person's edit in between is not lost", async () => {
    put("job", "first");
    const append = () => Buffer.from(`${text("job")}+ours`);
    const bytes = append();
    put("job", "person");
    expect((await replace([{ files: [{ target: path("job"), bytes, bytesNow: append }] }])).size).toBe(0);
    expect(text("job")).toBe("person+ours");
    expect(readdirSync(folder)).toEqual(["job"]);
  });

  it("is given up when it never holds still", async () => {
    put("job", "first");
    let n = 0;
    const unit = {
      files: [{ target: path("job"), bytes: Buffer.from("0"), bytesNow: () => Buffer.from(String(++n)) }],
    };
    const failed = await replace([unit]);
    expect(failed.get(unit)?.message).toContain("changes faster");
    expect(text("job")).toBe("first");
    expect(readdirSync(folder)).toEqual(["job"]);
  });
});

describe("files of one unit", () => {
  it("are replaced in their order, and none after one that fails", async () => {
    const seen: string[] = [];
    const file = (name: string, isGood = true) => ({
      target: path(name),
      bytes: Buffer.from(name),
      bytesNow: () => {
        seen.push(name);
        if (!isGood) throw new VolumeError("NotWritable", "no");
        return Buffer.from(name);
      },
    });
    const bad = { files: [file("fileset"), file("job", false), file("later")] };
    const good = { files: [file("other")] };
    const failed = await replace([bad, good]);
    expect(seen.filter((name) => name !== "other")).toEqual(["fileset", "job"]);
    expect([...failed.keys()]).toEqual([bad]);
    expect(readdirSync(folder).sort()).toEqual(["fileset", "other"]);
  });

  it("are not touched at all when one cannot be staged", async () => {
    const unit = {
      files: [
        { target: path("fileset"), bytes: Buffer.from("new") },
        { target: path("missing/job"), bytes: Buffer.from("new") },
      ],
    };
    expect((await replace([unit])).get(unit)?.code).toBe("NotFound");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("temporary names", () => {
  it.each([
    [".job.12.3.tmp", true],
    [".fileset.1.1.tmp", true],
    [".job.rejected.1.1.tmp", true],
    [".published.conf.1.1.tmp", true],
    [".applied.json.1.1.tmp", true],
    ["job", false],
    ["job.tmp", false],
    [".job.swp", false],
    [".job.1.1.tmp~", false],
    [".other.1.1.tmp", false],
  ])("%s: %s", (name, isOurs) => {
    expect(isTemporaryName(name)).toBe(isOurs);
  });
});
