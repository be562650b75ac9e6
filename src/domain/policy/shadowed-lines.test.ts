import { describe, expect, it } from "vitest";
import type { JobDirectives } from "../jobfile/job-file.ts";
import type { JobDefsChoice } from "./choose-job-defs.ts";
import type { KnownJobDefs } from "./known-job-defs.ts";
import { shadowedLines } from "./shadowed-lines.ts";

const GOLD = { name: "Gold", type: "B", pool: "GoldPool", schedule: "Daily" };
const KNOWN: KnownJobDefs = { kind: "known", resources: new Map([["Gold", GOLD]]) };
const JOB: JobDirectives = { name: "web", jobDefs: "Gold", pool: "Default", schedule: "Daily", storage: "File1" };
const TAGGED: JobDefsChoice = { name: "Gold", from: "Tag", basis: "judged" };
const POLICY = { overrideTaggedJobDefs: false };

describe("lines that go before those of a tag's JobDefs", () => {
  it("are those that it sets itself, otherwise", () => {
    expect(shadowedLines(JOB, TAGGED, POLICY, KNOWN)).toEqual(["pool"]);
    expect(shadowedLines({ ...JOB, schedule: "Weekly" }, TAGGED, POLICY, KNOWN)).toEqual(["pool", "schedule"]);
    expect(shadowedLines({ name: "web", jobDefs: "Gold" }, TAGGED, POLICY, KNOWN)).toEqual([]);
  });

  it.each<readonly [string, JobDirectives, JobDefsChoice, boolean]>([
    ["the JobDefs of a person", JOB, { ...TAGGED, from: "Person" }, false],
    ["the client's JobDefs", JOB, { ...TAGGED, from: "Client" }, false],
    ["a tag's JobDefs that is not in the file yet", { ...JOB, jobDefs: "Other" }, TAGGED, false],
    ["a tag's JobDefs where OVERRIDE_TAGGED_JOBDEFS wants them", JOB, TAGGED, true],
  ])("are none under %s", (_, job, choice, overrideTaggedJobDefs) => {
    expect(shadowedLines(job, choice, { overrideTaggedJobDefs }, KNOWN)).toEqual([]);
  });

  it("are not known while the JobDefs is not", () => {
    expect(shadowedLines(JOB, TAGGED, POLICY, { kind: "unknown" })).toBeUndefined();
    expect(shadowedLines(JOB, TAGGED, POLICY, { kind: "known", resources: new Map() })).toBeUndefined();
  });
});
