import { describe, expect, it } from "vitest";
import { readTestAnswer } from "./test-answer.ts";

/** As the Director prints it: once by itself, and once with a date. */
const twice = (text: string) => `bacula-dir: ${text}\n24-Nov 12:12 bacula-dir: ${text}`;

describe("what bacula-dir -t says", () => {
  it("is nothing when all is well", () => {
    expect(readTestAnswer({ exitCode: 0, printed: "\n" })).toEqual({ kind: "sound" });
  });

  it.each([
    [
      "a reference to what is not there",
      twice(
        'ERROR TERMINATION at parse_conf.c:634\nConfig error: Could not find config Resource "NoSuch" referenced on line 3 :  JobDefs = "NoSuch"\n\n\n            : line 3, col 19 of file /etc/bacula/extra.conf\n JobDefs = "NoSuch"\n',
      ),
      {
        detail:
          'Could not find config Resource "NoSuch" referenced on line 3 : JobDefs = "NoSuch" (line 3 of /etc/bacula/extra.conf)',
        file: "/etc/bacula/extra.conf",
        line: 3,
      },
    ],
    [
      "an included file that is not there",
      twice(
        "ERROR TERMINATION at lex.c:747\nConfig error: Cannot open included config file /base/nope.conf: No such file or directory\n\n            : line 1, col 77 of file /base/include.conf\n@/base/nope.conf\n",
      ),
      { file: "/base/include.conf", line: 1, detail: expect.stringMatching(/^Cannot open included config file/) },
    ],
    [
      "a resource that lacks a directive, without a place",
      '24-Nov 12:12 bacula-dir JobId 0: Fatal error: "Type" directive in Job "x" resource is required, but not found.\n24-Nov 12:12 bacula-dir ERROR TERMINATION\nPlease correct configuration file: /etc/bacula-dir.conf',
      { detail: '"Type" directive in Job "x" resource is required, but not found.' },
    ],
    [
      "a catalog that is away, without a place",
      'bacula-dir: dird.c:1540-0 Could not open Catalog "MyCatalog", database "bacula".\nbacula-dir: dird.c:1546-0 postgresql.c:435 Unable to connect to PostgreSQL server.\n24-Nov 12:12 bacula-dir ERROR TERMINATION\nPlease correct configuration file: /etc/bacula-dir.conf',
      { detail: 'Could not open Catalog "MyCatalog", database "bacula".' },
    ],
    [
      "a line with a password",
      twice(
        'ERROR TERMINATION at parse_conf.c:1\nConfig error: Unexpected: Password = "secret"\n            : line 2, col 1 of file /x\nPassword = "secret"\n',
      ),
      { detail: "Unexpected: Password = <hidden> (line 2 of /x)", file: "/x", line: 2 },
    ],
  ])("names %s", (_, printed, expected) => {
    expect(readTestAnswer({ exitCode: 1, printed })).toEqual({ kind: "broken", ...expected });
  });

  it.each([
    [
      1,
      twice(
        'ERROR TERMINATION at parse_conf.c:1611\nConfig error: Cannot open config file "/no/such.conf": No such file or directory\n',
      ),
      /exit code 1: Cannot open config file/,
    ],
    [
      1,
      twice(
        "ERROR TERMINATION at lex.c:747\nConfig error: Cannot open included config file /x.conf: Permission denied\n",
      ),
      /Permission denied/,
    ],
    [127, "sh: bacula-dir: not found\n", /exit code 127: sh: bacula-dir: not found/],
    [1, "error: unable to upgrade connection: container not found\n", /container not found/],
    [1, "", /no output/],
    [undefined, "Config error: half a line", /was killed/],
  ])("says nothing of the files when it ended with %s and printed %j", (exitCode, printed, detail) => {
    expect(readTestAnswer({ exitCode, printed })).toEqual({ kind: "unknown", detail: expect.stringMatching(detail) });
  });
});
