import { describe, expect, it } from "vitest";
import { indexDirectoryIn, judgeDedup } from "./judge-dedup.ts";

describe("DedupIndexDirectory in a bacula-fd.conf", () => {
  it.each([
    [
      "as the white paper prints it",
      "}\n\nDedupIndexDirectory = /var/lib/bacula/dedup/index\n",
      "/var/lib/bacula/dedup/index",
    ],
    ["in quotes and with blanks", '  Dedup Index Directory="/a b"  # why\n', "/a b"],
    ["in a comment", "# DedupIndexDirectory = /x\n", undefined],
    ["not at all", "FileDaemon {\n  Name = x\n}\n", undefined],
  ])("%s", (_, text, expected) => {
    expect(indexDirectoryIn(text)).toBe(expected);
  });
});

describe("the checklist of Global Endpoint Deduplication", () => {
  const levels = (...args: Parameters<typeof judgeDedup>) => judgeDedup(...args).map(({ level }) => level);
  const at = (owner: string, mode: number) => ({
    file: "bacula-fd.conf",
    indexDirectory: { path: "/index", folder: { owner, group: "bacula", mode } },
  });

  it("is not looked at without dedup", () => {
    expect(levels(["none", ""], [{ file: "x" }], [])).toEqual(["SKIP"]);
  });

  it("leaves to a person what cannot be seen from here", () => {
    expect(levels(["sha256"], [], ["a-fd"])).toEqual(["OK", "SKIP", "SKIP"]);
  });

  it.each([
    ["no directive", { file: "x" }, "WARN"],
    ["no folder", { file: "x", indexDirectory: { path: "/index" } }, "WARN"],
    ["another owner", at("root", 0o750), "WARN"],
    ["another mode", at("bacula", 0o755), "WARN"],
    ["all as it should be", at("bacula", 0o750), "OK"],
  ])("looks at this machine's File Daemon: %s", (_, facts, level) => {
    expect(levels(["sha256"], [facts], [])[1]).toBe(level);
  });
});
