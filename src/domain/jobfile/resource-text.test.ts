import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFileSetFile } from "./parse-fileset-file.ts";
import { parseJobDirectives } from "./parse-job-file.ts";
import { scanResource } from "./resource-text.ts";

function valueRead(value: string): string | undefined {
  const scan = scanResource(`Job {\n  Name = ${value}\n}\n`);
  return scan.kind === "scanned" ? scan.resource.statements[0]?.value : undefined;
}

/** What Bacula 15.0.3's own reader makes of `Name = <value>` (bdirjson). */
const MEASURED: readonly (readonly [string, string])[] = [
  ["a", "a"],
  ["my vm", "myvm"],
  ["my vm 1", "myvm1"],
  ["my vm 1 x", "myvm1"],
  ["a-b c", "a-b"],
  ["a - b", "a-"],
  ["a -b", "a-b"],
  ["a.b c", "a.b"],
  ["a:b c", "a:b"],
  ["a_b c", "a_b"],
  ["_a b", "_a"],
  ["-a b", "-a"],
  ["1x", "1x"],
  ["1x y", "1x"],
  ["a=b", "a"],
  ["a b=c", "ab"],
  ["a\tb\tc-\td", "abc-"],
  ["test -fd  Enabled = yes", "test-fd"],
  ["x1;", "x1"],
  ["x1 # c", "x1"],
  ["x1#c", "x1"],
];

/** What it makes of `Storage = <value>`, the entries joined; undefined: it refuses its whole configuration. */
const MEASURED_LISTS: readonly (readonly [string, string | undefined])[] = [
  ["File1", "File1"],
  ["File1,ab", "File1,ab"],
  ["File1, ab", "File1,ab"],
  ["a b, File1", "ab,File1"],
  ["ab , File1", "ab,File1"],
  ["a -,ab", "a-,ab"],
  ["File1, a- # c", "File1,a-"],
  ["File1 ;", "File1"],
  ["File1 , ab", undefined],
  ["File1 ,a b", undefined],
  ["a - , File1", undefined],
  ["a-b c, File1", undefined],
  ["File1,a- x", undefined],
  ["File1 x", undefined],
  ["File1,", undefined],
  [",File1", undefined],
];

describe("an unquoted value is what Bacula reads", () => {
  it.each(MEASURED)("%j is %j", (written, read) => {
    expect(valueRead(written)).toBe(read);
  });

  it.each(MEASURED_LISTS)("%j is the list %j", (written, list) => {
    const read = parseJobDirectives(`Job {\n  Name = "x"\n  Storage = ${written}\n}\n`);
    expect(read.kind === "read" ? read.value.storage : undefined).toBe(list);
  });

  it("loses the blanks between letters, and ends at a blank behind anything else", () => {
    const words = fc.array(fc.stringMatching(/^[A-Za-z]{1,4}$/), { maxLength: 3 });
    const rest = fc.stringMatching(/^[0-9:._-][A-Za-z0-9:._-]{0,4}$/);
    fc.assert(
      fc.property(words, rest, words, (before, end, behind) => {
        const written = [...before, end, ...behind].join(" ");
        expect(valueRead(written)).toBe(before.join("") + end);
      }),
    );
  });
});

describe("a keyword is letters and blanks", () => {
  it.each(["JobDefs", "Job Defs", "JOBDEFS", "j o b d e f s"])("%j is one", (keyword) => {
    expect(scanResource(`Job {\n  ${keyword} = "x"\n}\n`)).toMatchObject({
      kind: "scanned",
      resource: { statements: [{ keyword: "jobdefs", value: "x" }] },
    });
  });

  it.each(["Job_Defs", "Job-Defs", "JobDefs1", "1", "J.obDefs", "é"])(
    "%j would make the Director refuse its whole configuration",
    (keyword) => {
      expect(scanResource(`Job {\n  Name = "x"\n  ${keyword} = "y"\n}\n`)).toMatchObject({
        kind: "invalid",
        line: 3,
      });
    },
  );
});

describe("the plugins of a FileSet", () => {
  const plugins = (include: string) => {
    const read = parseFileSetFile(`FileSet {\n  Name = "x"\n  Include {\n${include}\n  }\n}\n`);
    return read.kind === "read" ? read.value.plugins : read.reason;
  };
  it.each([
    ["quoted", '    Plugin = "a: b,c=\\"d\\""', ['a: b,c="d"']],
    ["several", '    Plugin = "a: b"\n    P lugin = "c"', ["a: b", "c"]],
    ["unquoted: the blank ends it, and so the uuid is not in it", "    Plugin = a: instance=b", ["a:"]],
    ["unquoted: a comma ends it", "    Plugin = a,b", ["a"]],
    ["of Options, which back up nothing", '    Options {\n      Plugin = "a: b"\n    }', []],
  ])("%s", (_what, include, expected) => {
    expect(plugins(include)).toEqual(expected);
  });
});
