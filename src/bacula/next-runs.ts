import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { Answer, NextRun } from "../sync/ports.ts";
import { quotedName } from "./console-command.ts";

/** A Schedule may run once a year; the Director counts from the beginning of the present day. */
const DAYS = 400;
/** The Director works out every run of that time, and prints them all. */
const JOBS_AT_ONCE = 20;

/**
 * What to ask for the runs of these jobs by their Schedules. `status schedule` leaves out a job that is disabled, and one
 * whose Schedule or Client is; its `limit` cuts what is printed and nothing else, so it is of no use here. (`status
 * director` and `.status dir scheduled` ask the catalog for a volume for each run.)
 */
export function nextRunCommands(jobNames: readonly string[]): readonly string[] {
  const commands: string[] = [];
  for (let from = 0; from < jobNames.length; from += JOBS_AT_ONCE) {
    const names = jobNames.slice(from, from + JOBS_AT_ONCE).map((name) => quotedName(name).slice(1, -1));
    commands.push(`status schedule job="${names.join(",")}" days=${DAYS}`);
  }
  return commands;
}

/** A row is a level, a type, a priority, a day and a time, and then the job, its name filled up to 18, and its Schedule. */
const ROW = /^.{20,}? \d\d:\d\d +(.+)$/;
const FRAME = /^(?:Scheduled Jobs.*:|Level +Type +.*|=+|)$/;

/** Which of the jobs that were asked for have a run, from the answers to {@link nextRunCommands}. */
export function readNextRuns(
  jobNames: readonly string[],
  answers: readonly string[],
): Answer<ReadonlyMap<string, NextRun>> {
  const scheduled = new Map<string, NextRun>();
  for (const answer of answers) {
    const lines = answer.split("\n");
    const isWhole = answer.endsWith("\n====\n") && lines.some((line) => line.startsWith("Scheduled Jobs"));
    if (!isWhole) return unreadable(answer);
    const rows = lines.filter((line) => !FRAME.test(line));
    if (rows.length === 1 && rows[0] === "No Scheduled Jobs.") continue;
    const jobs = rows.map((row) => jobOf(ROW.exec(row)?.[1] ?? "", jobNames));
    if (jobs.length === 0) return unreadable(answer);
    for (const [at, job] of jobs.entries()) {
      if (job === undefined) return unreadable(rows[at] ?? answer);
      scheduled.set(job, { kind: "scheduled" });
    }
  }
  return { kind: "answered", value: scheduled };
}

/** A name may hold blanks, and then another one may be its beginning. */
function jobOf(jobAndSchedule: string, jobNames: readonly string[]): string | undefined {
  let found: string | undefined;
  for (const name of jobNames) {
    if (jobAndSchedule.startsWith(`${name} `) && name.length > (found?.length ?? 0)) found = name;
  }
  return found;
}

function unreadable(answer: string): Answer<never> {
  return {
    kind: "unknown",
    reason: "UnreadableAnswer",
    detail: failureDetail(`status schedule answered what is no schedule: ${answer}`),
  };
}

const JOB = /^Job: name=(.*?) JobType=\d+ .* Enabled=([01])$/m;
/** One without any Run is shown in another way, and without Enabled. */
const SCHEDULE = /^ {2}--> Schedule: [Nn]ame=(.+?)(?: Enabled=([01]))?$/m;
const CLIENT = /^ {2}--> Client: Name=(\S.*?) Enabled=([01]) /m;
/** An arrow without its resource: the Console's ACL hides it. */
const HIDDEN = /--> *(?:-->|$)/m;

/** Why each of these jobs has no run, from the answers to their `show job=`: `Enabled` there is what counts right now. */
export function readNoNextRuns(
  jobNames: readonly string[],
  answers: readonly string[],
): Answer<ReadonlyMap<string, NextRun>> {
  const value = new Map(jobNames.map((name, at) => [name, noNextRun(name, answers[at] ?? "")]));
  return { kind: "answered", value };
}

function noNextRun(jobName: string, answer: string): NextRun {
  const [, name, enabled] = JOB.exec(answer) ?? [];
  if (name !== jobName || enabled !== "1") return { kind: "unknown" };
  const [, client = "", clientEnabled] = CLIENT.exec(answer) ?? [];
  if (clientEnabled === "0") return { kind: "none", because: { kind: "clientDisabled", client } };
  const [, schedule, scheduleEnabled] = SCHEDULE.exec(answer) ?? [];
  if (schedule === undefined) return { kind: "none", because: { kind: HIDDEN.test(answer) ? "hidden" : "noSchedule" } };
  return {
    kind: "none",
    because: { kind: scheduleEnabled === "0" ? "scheduleDisabled" : "scheduleWithoutRun", schedule },
  };
}
