import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directorConfPlaces, readDirectorConf } from "./read-director-conf.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "director-conf-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the Director's configuration", () => {
  it.each([
    ["as it is told", "/told.conf", ["bacula-dir", "-t", "-c", "/tested.conf"], ["/told.conf"]],
    ["as the test command names it", undefined, ["bacula-dir", "-t", "-c", "/tested.conf"], ["/tested.conf"]],
    [
      "in Bacula's places",
      undefined,
      ["bacula-dir", "-t"],
      ["/opt/bacula/etc/bacula-dir.conf", "/etc/bacula/bacula-dir.conf"],
    ],
  ])("is looked for %s", (_, told, command, places) => {
    expect(directorConfPlaces(told, command)).toEqual(places);
  });

  it("is followed through the files that it includes, also in a circle, but not into include.conf", async () => {
    const at = (name: string) => join(folder, name);
    await writeFile(at("dir.conf"), `@${at("pools.conf")}\n@${at("missing.conf")}\n@${at("include.conf")}\n`);
    await writeFile(at("pools.conf"), `# pools\n@"${at("dir.conf")}"\n@|"find /jobs"\n`);
    await writeFile(at("include.conf"), "@/never/looked/at\n");
    const conf = await readDirectorConf(["/nowhere", at("dir.conf")], at("include.conf"));
    expect(conf.kind).toBe("read");
    const found = conf.kind === "read" ? conf.includes : [];
    expect(found).toHaveLength(5);
    expect(found).toContainEqual({
      file: at("pools.conf"),
      include: { kind: "command", command: "find /jobs", line: 3 },
    });
    expect(JSON.stringify(found)).not.toContain("/never");
  });

  it("that cannot be read says of each place why", async () => {
    expect(await readDirectorConf(["/nowhere/a", folder], "x")).toEqual({
      kind: "unread",
      detail: `/nowhere/a: ENOENT; ${folder}: EISDIR`,
    });
  });
});
