import { describe, expect, it } from "vitest";
import { parseFileSetFile } from "./parse-fileset-file.ts";

const SAMPLE = `FileSet {
  Name = "fs-datacenter1-openstack1-rocky9-instance1"
  Include {
    Options {
      signature = SHA256
      dedup     = sha256
    }
    Plugin = "openstack: proxy_server=dc1-os1-proxy instance=014c5892-5efb-4efb-bd60-4e038800475d"
  }
}
`;
const PLUGIN = "openstack: proxy_server=dc1-os1-proxy instance=014c5892-5efb-4efb-bd60-4e038800475d";

describe("a fileset file", () => {
  it.each([
    ["of the white paper", SAMPLE],
    ["with odd white space", SAMPLE.replaceAll(" = ", "\t=  ").replaceAll("{", "\n{\n").replaceAll("}", "\t}\n\n")],
    ["with comments", `# mine {\n${SAMPLE.replaceAll("\n", " # @x\n")}`],
    ["with keywords in any case", SAMPLE.replace("Plugin", "pLuG In").replace("FileSet", "file set")],
    ["with closing braces in one line", SAMPLE.replace("  }\n}", "  } }")],
  ])("%s is read", (_what, text) => {
    expect(parseFileSetFile(text)).toStrictEqual({
      kind: "read",
      value: { name: "fs-datacenter1-openstack1-rocky9-instance1", plugins: [PLUGIN] },
    });
  });

  it("tells every plugin line, without its quotes and backslashes", () => {
    const text = SAMPLE.replace(
      "    Plugin",
      () => '    Plugin = "openstack: x=\\"a b\\""\n    File = /etc\n    Plugin',
    );
    expect(parseFileSetFile(text)).toMatchObject({ value: { plugins: ['openstack: x="a b"', PLUGIN] } });
  });

  it.each([
    ["nothing", "", /no resource/],
    ["comments only", "#@vm: x\n", /no resource/],
    ["a Job", "Job {\n Name = x\n}\n", /a job resource instead of a FileSet/],
    ["no Name", "FileSet {\n Include {\n Name = x\n }\n}\n", /has no Name/],
    ["a Name twice", SAMPLE.replace("  Include", "  name = other\n  Include"), /name stands twice/],
    ["a Name that is too long", SAMPLE.replace("fs-datacenter1", "x".repeat(128)), /Name has \d+ characters/],
    ["a Name beyond ASCII", SAMPLE.replace("fs-", "fß-"), /Name has "ß"/],
    ["two resources", `${SAMPLE}${SAMPLE}`, /more than one resource/],
    ["an include", SAMPLE.replace("    Plugin", "    @/x\n    Plugin"), /include/],
    ["an open brace", SAMPLE.trimEnd().slice(0, -1), /brace is not closed/],
    ["an open quote", SAMPLE.replace('475d"', "475d"), /quote is not closed/],
    ["a control character", SAMPLE.replace("SHA256", "SHA256\r"), /control character/],
    ["a plugin line that would end the Director", SAMPLE.replace("475d", "x".repeat(4900)), /bytes/],
  ])("is refused: %s", (_what, text, reason) => {
    expect(parseFileSetFile(text)).toMatchObject({ kind: "invalid", reason: expect.stringMatching(reason) });
  });
});
