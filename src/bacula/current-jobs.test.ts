import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCurrentJobs } from "./current-jobs.ts";

describe("the jobs that run or wait", () => {
  it("are those of the list, which may be empty", () => {
    const answer = "1000 OK .status\nJobId=1 JobStatus=R JobErrors=0\nJobId=1234567 JobStatus=j JobErrors=12\n";
    expect(readCurrentJobs(answer)).toEqual({ kind: "answered", value: new Set([1, 1_234_567]) });
    expect(readCurrentJobs("1000 OK .status\n")).toEqual({ kind: "answered", value: new Set() });
  });

  it.each([
    "",
    "JobId=1 JobStatus=R JobErrors=0\n",
    "1000 OK .status\nJobId=1\n",
    "1000 OK .status\nNo Jobs running.\n",
  ])("cannot be read from %j", (answer) => {
    expect(readCurrentJobs(answer)).toMatchObject({ kind: "unknown", reason: "UnreadableAnswer" });
  });

  it("cannot be read from a list with any other line in it", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readCurrentJobs(`1000 OK .status\nx${text}`).kind).toBe("unknown");
      }),
    );
  });
});
