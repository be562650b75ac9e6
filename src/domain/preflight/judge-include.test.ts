import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findIncludes } from "./find-includes.ts";
import { judgeInclude } from "./judge-include.ts";

const BASE = "/opt/bacula/etc/openstack";
const OURS = `@${BASE}/include.conf`;

function judge(text: string, hasIncludeFile = true) {
  const includes = findIncludes(text).map((include) => ({ file: "bacula-dir.conf", include }));
  return judgeInclude({ includes, directorBaseDir: BASE, hasIncludeFile });
}

describe("the includes of a Director's configuration", () => {
  it.each([
    ["a file", `${OURS}\n`, [{ kind: "file", path: `${BASE}/include.conf`, line: 1 }]],
    ["a file in quotes", '\n@"/a b/c.conf" # why\n', [{ kind: "file", path: "/a b/c.conf", line: 2 }]],
    ["behind a resource on its line", "Pool { Name = a }  @/x.conf", [{ kind: "file", path: "/x.conf", line: 1 }]],
    ["a command", `@|"sh -c 'ls \\\\( a'"`, [{ kind: "command", command: "sh -c 'ls \\( a'", line: 1 }]],
    ["a command without quotes", "@|sh -c 'ls'", [{ kind: "cutCommand", command: "sh -c 'ls'", line: 1 }]],
    ["one word without quotes", "@|/usr/bin/jobs", [{ kind: "command", command: "/usr/bin/jobs", line: 1 }]],
    ["none in a comment", `#${OURS}\nName = x # ${OURS}\n`, []],
    ["none in quotes, also over lines", `Address = "a\n${OURS}"\n`, []],
    ["none inside a word", "mail = root@localhost\n", []],
  ])("are found: %s", (_, text, expected) => {
    expect(findIncludes(text)).toEqual(expected);
  });

  it("are never found in a comment or a quoted value, whatever that holds", () => {
    const inside = fc.string({ unit: fc.constantFrom("@", "|", "/", "a", " ", "#", "'", "(", ";") });
    fc.assert(
      fc.property(inside, (text) => {
        expect(findIncludes(`# ${text}\nName = "${text}"\n`)).toEqual([]);
        expect(findIncludes(`# ${text}\nName = "${text}"\n${OURS}\n`)).toEqual([
          { kind: "file", path: `${BASE}/include.conf`, line: 3 },
        ]);
      }),
    );
  });
});

describe("the include that makes the Director read our jobs", () => {
  const find = (bracket: string) =>
    `find ${BASE} -type f ${bracket}( -name job -o -name fileset ${bracket}) | xargs echo`;

  it.each([
    ["our include.conf", OURS, "OK", /include.conf is read by bacula-dir.conf line 1/u],
    ["our include.conf with a slash too many", `@${BASE}//include.conf`, "OK", /is read by/u],
    ["nothing", "Director { Name = x }", "FAIL", /no job of ours would ever run/u],
    ["another folder of a like name", `@|"sh -c 'find ${BASE}-old'"`, "FAIL", /no job of ours would ever run/u],
    ["the white paper's printed line", `@|sh -c '${find("\\")}'`, "FAIL", /is refused by the Director/u],
    ["that line in quotes", `@|"sh -c '${find("\\")}'"`, "FAIL", /loads nothing/u],
    ["that line with double backslashes", `@|"sh -c '${find("\\\\")}'"`, "WARN", /by a command/u],
    ["find -printf", `@|"find ${BASE} -name job -printf '@%p\\\\n'"`, "WARN", /by a command/u],
    [
      "a command with $(...)",
      `@|"sh -c 'for f in $(ls ${BASE}/*/*/*/job); do echo @$f; done'"`,
      "WARN",
      /by a command/u,
    ],
    ["both forms", `${OURS}\n@|"sh -c 'find ${BASE} -name job'"`, "FAIL", /twice: by .* line 1 and by .* line 2/u],
    ["our include.conf twice", `${OURS}\n${OURS}`, "FAIL", /twice/u],
  ])("%s: judged", (_, text, level, line) => {
    expect(judge(text)).toEqual([expect.objectContaining({ level, line: expect.stringMatching(line) })]);
  });

  it("must be there", () => {
    expect(judge(OURS, false)).toEqual([
      expect.objectContaining({ level: "FAIL", cause: expect.stringMatching(/does not start/u) }),
    ]);
  });
});
