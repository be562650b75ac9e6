import { describe, expect, it } from "vitest";
import { readRunningJobs } from "./running-jobs.ts";

describe("the runs that the Director has in hand", () => {
  it.each([
    ["none", "1000 OK .status\n", []],
    [
      "one that runs and one that waits",
      "1000 OK .status\nJobId=7 JobStatus=R JobErrors=0\nJobId=12 JobStatus=c JobErrors=1\n",
      [7, 12],
    ],
    ["the Director's own work", "1000 OK .status\nJobId=0 JobStatus=R JobErrors=0\n", []],
  ])("are read: %s", (_what, answer, ids) => {
    expect(readRunningJobs(answer)).toEqual({ kind: "answered", value: new Set(ids) });
  });
  it.each([
    "",
    "JobId=7 JobStatus=R JobErrors=0",
    "1000 OK .status\nJobId=7 Job",
    "1000 OK .status\nsomething else\n",
    "1000 OK .status\nJobId=1,234 JobStatus=R JobErrors=0\n",
  ])("are not known from %j", (answer) => {
    expect(readRunningJobs(answer)).toMatchObject({ kind: "unknown", reason: "UnreadableAnswer" });
  });
});
