import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NextRun } from "../sync/ports.ts";
import { nextRunCommands, readNextRuns, readNoNextRuns } from "./next-runs.ts";

const HEAD = `
Scheduled Jobs (2/2):
Level          Type     Pri  Scheduled          Job Name           Schedule
=====================================================================================
`;
const row = (name: string, schedule = "WeeklyCycle", level = "Incremental") =>
  `${level.padEnd(14)} Backup    10  ${"Tue 24-Nov 02:25".padEnd(18)} ${name.padEnd(18)} ${schedule}\n`;
const shown = (...rows: readonly string[]) => `${HEAD}${rows.join("")}====\n`;
const NONE = shown("No Scheduled Jobs.\n");
const jobName = fc.stringMatching(/^[A-Za-z0-9:._-]([A-Za-z0-9:._ -]{0,60}[A-Za-z0-9:._-])?$/);
const runsOf = (names: readonly string[], ...answers: readonly string[]) => {
  const read = readNextRuns(names, answers);
  return read.kind === "answered" ? [...read.value.keys()].sort() : read.reason;
};

describe("the question for next runs", () => {
  it("asks for twenty jobs in one command", () => {
    expect(nextRunCommands([])).toEqual([]);
    expect(nextRunCommands(["a", "b c"])).toEqual(['status schedule job="a,b c" days=400']);
    expect(nextRunCommands(Array.from({ length: 41 }, (_, at) => `job${at}`))).toHaveLength(3);
  });

  it.each(['a"', "a,b", "a\nb", "", "ä"])("never takes %j into a command", (name) => {
    expect(() => nextRunCommands(["ok", name])).toThrow(/no Bacula resource/);
  });
});

describe("the jobs that have a next run", () => {
  it("are those with a row", () => {
    expect(runsOf(["web01", "web02", "web03"], shown(row("web01"), row("web03"), row("web01")))).toEqual([
      "web01",
      "web03",
    ]);
    expect(runsOf(["web01"], NONE)).toEqual([]);
    expect(runsOf(["a", "b"], NONE, shown(row("b")))).toEqual(["b"]);
    expect(runsOf([])).toEqual([]);
  });

  it.each([
    ["a name longer than its column", "backup-dc1-os1-a-long-name-of-a-vm", "WeeklyCycle"],
    ["a Schedule with blanks and a time", "web01", "Runs at 12:30 on sundays"],
    ["a name like a time", "12:30", "WeeklyCycle"],
    ["a name of the table", "====", "WeeklyCycle"],
  ])("are read with %s", (_what, name, schedule) => {
    expect(runsOf([name], shown(row(name, schedule), row(name, schedule, "VirtualFull")))).toEqual([name]);
  });

  it("are told apart when one name begins another", () => {
    const names = ["web", "web 01", "web 01 b"];
    expect(runsOf(names, shown(row("web 01")))).toEqual(["web 01"]);
    expect(runsOf(names, shown(row("web")))).toEqual(["web"]);
  });

  it("are read whatever Bacula allows in a name, in thousands of rows", () => {
    const table = fc.record({ names: fc.uniqueArray(jobName, { minLength: 1, maxLength: 20 }), days: fc.nat(400) });
    fc.assert(
      fc.property(table, fc.nat(), ({ names, days }, except) => {
        const scheduled = names.filter((_, at) => at !== except % names.length);
        const rows = scheduled.flatMap((name) => Array.from({ length: days + 1 }, () => row(name, "-")));
        const answer = rows.length === 0 ? NONE : shown(...rows);
        expect(runsOf(names, answer)).toEqual([...scheduled].sort());
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["nothing", ""],
    ["another answer", "No Jobs running.\n====\n"],
    ["a table that was cut", `${HEAD}${row("web01")}`],
    ["a table without a row and without the word for it", shown()],
    ["a row of a job that was not asked for", shown(row("web01"), row("other"))],
    ["a line that is no row", shown(row("web01"), "Ignoring invalid value for days.\n")],
    ["rows beside the word for none", shown(row("web01"), "No Scheduled Jobs.\n")],
  ])("are unknown after %s", (_what, answer) => {
    expect(runsOf(["web01"], NONE, answer)).toBe("UnreadableAnswer");
  });

  it("of an answer that lost its end are unknown", () => {
    const whole = shown(row("web01"), row("web02"));
    for (let end = 0; end < whole.length; end++)
      expect(runsOf(["web01", "web02"], whole.slice(0, end))).toBe("UnreadableAnswer");
  });
});

describe("why a job has no next run", () => {
  const client = "  --> Client: Name=a-fd Enabled=1 Address=127.0.0.1 FDport=9102 MaxJobs=20 NumJobs=0\n";
  const schedule = "  --> Schedule: Name=Weekly Cycle Enabled=1\n  --> Run Level=Full\n      hour=2 \n";
  const show = (lines: string, enabled = 1) =>
    `Job: name=web01 JobType=66 level=Incremental Priority=10 Enabled=${enabled}\n     MaxJobs=1 NumJobs=0\n${lines}  --> Messages: name=Standard\n`;
  const none = (because: Extract<NextRun, { kind: "none" }>["because"]): NextRun => ({ kind: "none", because });

  it.each<readonly [string, string, NextRun]>([
    ["neither file has a Schedule", show(client), none({ kind: "noSchedule" })],
    [
      "its Schedule never runs",
      show(client + schedule),
      none({ kind: "scheduleWithoutRun", schedule: "Weekly Cycle" }),
    ],
    [
      "its Schedule has no Run at all",
      show(`${client}  --> Schedule: name=Never\n`),
      none({ kind: "scheduleWithoutRun", schedule: "Never" }),
    ],
    [
      "its Schedule is disabled",
      show(client + schedule.replace("Enabled=1", "Enabled=0")),
      none({ kind: "scheduleDisabled", schedule: "Weekly Cycle" }),
    ],
    [
      "its Client is disabled",
      show(client.replace("Enabled=1", "Enabled=0") + schedule),
      none({ kind: "clientDisabled", client: "a-fd" }),
    ],
    ["the ACL hides its Client and Schedule", show("  -->   -->   --> StoragePolicy=x\n"), none({ kind: "hidden" })],
    ["it was disabled meanwhile", show(client + schedule, 0), { kind: "unknown" }],
    ["it is not there any more", "job resource web01 not found.\n", { kind: "unknown" }],
    ["the ACL hides the job", "", { kind: "unknown" }],
    ["another job was shown", show(client).replace("web01", "web012"), { kind: "unknown" }],
  ])("is that %s", (_what, answer, expected) => {
    expect(readNoNextRuns(["web01"], [answer])).toEqual({ kind: "answered", value: new Map([["web01", expected]]) });
  });

  it("is not taken from what a FileSet says", () => {
    const plugin = "      P openstack: x --> Client: Name=b Enabled=0 y\n      P x --> Schedule: Name=b Enabled=0\n";
    expect(readNoNextRuns(["web01"], [show(plugin)])).toEqual({
      kind: "answered",
      value: new Map([["web01", none({ kind: "noSchedule" })]]),
    });
  });

  it("is told for each job by its own answer", () => {
    const answers = ["", show(client)];
    expect(readNoNextRuns(["web02", "web01"], answers)).toEqual({
      kind: "answered",
      value: new Map<string, NextRun>([
        ["web02", { kind: "unknown" }],
        ["web01", none({ kind: "noSchedule" })],
      ]),
    });
  });
});
