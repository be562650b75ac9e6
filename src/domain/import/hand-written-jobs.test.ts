import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitResources } from "../jobfile/split-resources.ts";
import { findHandWrittenJobs } from "./hand-written-jobs.ts";

const UUID = "014c5892-5efb-4efb-bd60-4e038800475d";
const WEB = { uuid: UUID, name: "web01" };
const OTHER = { uuid: "114c5892-5efb-4efb-bd60-4e038800475d", name: "web" };

const fileSet = (plugin: string) =>
  `FileSet {\n  Name = "theirs"\n  Include {\n    Options {\n      signature = MD5\n    }\n    Plugin = "${plugin}"\n  }\n}\n`;
const JOB = 'Job {\n  Name = "by-hand"\n  FileSet = "theirs"\n}\n';
const find = (text: string, vms = [WEB, OTHER]) =>
  findHandWrittenJobs([{ file: "dir.conf", resources: splitResources(text) }], vms);

describe("jobs of the administrator's that back up a VM of ours", () => {
  it.each([
    ["by its uuid", fileSet(`openstack: proxy_server=p instance=${UUID}`) + JOB],
    ["by its uuid in capitals", fileSet(`openstack: proxy_server=p instance=${UUID.toUpperCase()}`) + JOB],
    ["by its name", fileSet("openstack: proxy_server=p server=web01") + JOB],
    ["by a list of names", fileSet("openstack: proxy_server=p server=db01,web01") + JOB],
    [
      "with the FileSet of its JobDefs",
      `JobDefs {\n  Name = "defs"\n  FileSet = "theirs"\n}\n${fileSet(`openstack: instance=${UUID}`)}Job {\n  Name = "by-hand"\n  JobDefs = "defs"\n}\n`,
    ],
  ])("are found %s", (_, text) => {
    expect(find(text)).toEqual([
      { vm: WEB, job: "by-hand", place: expect.stringMatching(/^dir\.conf line \d+$/u), fileSet: "theirs" },
    ]);
  });

  it.each([
    ["a job without that FileSet", fileSet(`openstack: instance=${UUID}`) + JOB.replace("theirs", "files")],
    ["a FileSet that no job uses", fileSet(`openstack: instance=${UUID}`)],
    ["a longer name", fileSet("openstack: server=web01-old") + JOB],
    ["a FileSet of files", `FileSet {\n  Name = "theirs"\n  Include {\n    File = /web01\n  }\n}\n${JOB}`],
  ])("are not %s", (_, text) => {
    expect(find(text)).toEqual([]);
  });
});

describe("a file of many resources", () => {
  it("is cut at braces that are no comment's and no text's", () => {
    const text = `# Job {\n@/etc/other.conf\nPool {\n  Name = "a } {"  # }\n}\n${JOB}Broken {\n  ?\n}\n${JOB}Job {\n  Name = "open`;
    const found = splitResources(text);
    expect(found.map(({ resource }) => resource.type)).toEqual(["pool", "job", "job"]);
    expect(found[1]?.line).toBe(6);
  });

  it("gives as many resources as were put in, whatever stands between them", () => {
    const gap = fc.array(fc.constantFrom("\n", "# a { comment\n", "@/an/include { \n", "  ", "\t"));
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 8 }), (gaps) => {
        const text = gaps.map((parts) => `${parts.join("")}\n${JOB}`).join("");
        expect(splitResources(text)).toHaveLength(gaps.length);
      }),
    );
  });
});
