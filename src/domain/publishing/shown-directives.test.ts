import { describe, expect, it } from "vitest";
import { publishedBlock } from "./published-file.ts";
import { type ShownDirective, shownDirectives, shownOtherwise } from "./shown-directives.ts";

const JOB = `Job {
  Name = "backup-web"
  JobDefs = "DefaultJob"
  Client = "fd"
  FileSet = "fs-web"
  Storage = File1,File2
  Pool = "Default"
  Priority = 12
  Enabled = no
  RunScript {
    RunsWhen = Before
    Command = "x # } y"
  }
}
`;
const FILESET = `FileSet {
  Name = "fs-web"
  Include {
    Options {
      signature = SHA256
    }
    Plugin = "openstack: proxy_server=a instance=1"
  }
}
`;
function saidBy(job: string, fileSet = FILESET) {
  const result = publishedBlock("web", { job, fileSet });
  if (result.kind === "refused") throw new Error(result.reason);
  return shownDirectives(result.block);
}
const shown = (...entries: readonly (readonly [ShownDirective, readonly string[]])[]) => new Map(entries);

describe("what the Director must show of a block", () => {
  it("is what stands in its files, without Enabled, which the console overrides", () => {
    expect([...saidBy(JOB)]).toEqual([
      ["Priority", ["12"]],
      ["Client", ["fd"]],
      ["FileSet", ["fs-web"]],
      ["Storage", ["File1", "File2"]],
      ["Pool", ["Default"]],
      ["Command", ["x # } y"]],
      ["Plugin", ["openstack: proxy_server=a instance=1"]],
    ]);
  });

  it("has no Plugin of a FileSet that the job does not use, and none that would be cut apart", () => {
    expect(saidBy(JOB.replace('FileSet = "fs-web"', 'FileSet = "other"')).has("Plugin")).toBe(false);
    expect(saidBy(JOB, FILESET.replace("instance=1", "instance=1\nmore")).has("Plugin")).toBe(false);
  });

  it("is nothing without a job", () => {
    const fileSetOnly = publishedBlock("web", { fileSet: FILESET });
    expect(fileSetOnly.kind === "block" && shownDirectives(fileSetOnly.block).size).toBe(0);
  });
});

describe("a job that the Director shows", () => {
  it("has what is said when every value of it is there, whatever else is", () => {
    const all = shown(["Storage", ["File2", "File1", "OfThePool"]], ["Pool", ["Default"]], ["Client", ["fd"]]);
    expect(shownOtherwise(shown(["Storage", ["File1", "File2"]], ["Pool", ["Default"]]), all)).toBeUndefined();
  });

  it("has something else when a value is not there", () => {
    const old = shownOtherwise(shown(["Pool", ["Gold"]]), shown(["Pool", ["Default"]]));
    expect(old).toEqual({ directive: "Pool", said: "Gold", shown: "Default" });
    expect(shownOtherwise(shown(["Command", ["x"]]), shown(["Command", []]))).toMatchObject({ shown: "" });
  });

  it("says nothing of what the Console may not see", () => {
    expect(shownOtherwise(shown(["Pool", ["Gold"]]), shown(["Client", ["fd"]]))).toBeUndefined();
  });
});
