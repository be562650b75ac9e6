import { describe, expect, it } from "vitest";
import { readConfigError } from "./config-error.ts";

describe("the Director's words for a refused reload, in its log", () => {
  it("name the file and the line", () => {
    const log = `24-Nov 06:05 test-dir: ERROR in parse_conf.c:634 Config error: Could not find config Resource "NoSuchDefs" referenced on line 10 :   JobDefs = "NoSuchDefs"

            : line 10, col 24 of file /base/dc1/os1/published.conf
  JobDefs = "NoSuchDefs"
`;
    expect(readConfigError(log)).toEqual({
      detail:
        'Could not find config Resource "NoSuchDefs" referenced on line 10 : JobDefs = "NoSuchDefs" (line 10 of /base/dc1/os1/published.conf)',
      file: "/base/dc1/os1/published.conf",
      line: 10,
    });
  });

  it("are none where nothing, or nothing of the configuration, is said", () => {
    expect(readConfigError("")).toBeUndefined();
    expect(readConfigError("24-Nov 06:05 test-dir JobId 7: Bacula test-dir 15.0.3\n")).toBeUndefined();
  });
});
