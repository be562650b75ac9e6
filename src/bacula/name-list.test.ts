import { describe, expect, it } from "vitest";
import { readNameList } from "./name-list.ts";
import { RESOURCE_COMMANDS, readResources } from "./resource-lists.ts";

describe("a list of names", () => {
  it("has one a line, blanks and all", () => {
    expect(readNameList(".jobs", "Base\nmy job:1.a_b-c\n")).toEqual({
      kind: "answered",
      value: new Set(["Base", "my job:1.a_b-c"]),
    });
  });

  it("may be empty", () => {
    expect(readNameList(".jobs", "")).toEqual({ kind: "answered", value: new Set() });
  });

  it.each([
    ["NotAuthorized", ".jobs type=B", ".jobs: is an invalid command.\n", ".jobs"],
    ["UnreadableAnswer", ".jobs", 'No authorization for Catalog "MyCatalog"\n', "MyCatalog"],
    ["UnreadableAnswer", ".jobs", `Base\n${"a".repeat(128)}\n`, "aaa"],
    ["UnreadableAnswer", ".jobs", "Base\n[CE0001] x\nOther\n", "[CE0001] x"],
  ])("is unknown as %s: %s %j", (reason, command, answer, shown) => {
    expect(readNameList(command, answer)).toEqual({ kind: "unknown", reason, detail: expect.stringContaining(shown) });
  });
});

describe("all resources", () => {
  const answers = ["fd\n", "Default\nFull\n", "File1\n", "Nightly\n", "Standard\n", "Base\n", "Empty\n"];

  it("are read by kind", () => {
    expect(readResources(answers)).toEqual({
      kind: "answered",
      value: {
        clients: new Set(["fd"]),
        pools: new Set(["Default", "Full"]),
        storages: new Set(["File1"]),
        schedules: new Set(["Nightly"]),
        messages: new Set(["Standard"]),
        jobs: new Set(["Base"]),
        fileSets: new Set(["Empty"]),
      },
    });
  });

  it.each(RESOURCE_COMMANDS)("are all unknown when %s is refused", (command) => {
    const refused = answers.with(RESOURCE_COMMANDS.indexOf(command), `${command}: is an invalid command.\n`);
    expect(readResources(refused)).toMatchObject({
      kind: "unknown",
      reason: "NotAuthorized",
      detail: expect.stringContaining(command),
    });
  });
});
