import type { JobDirectives } from "../jobfile/job-file.ts";
import { isMeantToRun } from "./is-meant-to-run.ts";
import type { NotScheduled } from "./schedule-verdict.ts";
import type { VmFacts } from "./vm-facts.ts";

/**
 * Why the VM's job will not run although its file says that it shall, for a person, with what to do; undefined when it
 * will. A job that its own file disables was paused there, by a person or by us, and is not meant. While nothing is known
 * of the Director's schedule, what was last shown stays: an operator that was just started must not make a job look well.
 */
export function notScheduledMessage({ job, schedule, before }: VmFacts): string | undefined {
  if (job === undefined || !isMeantToRun(job)) return undefined;
  if (schedule === undefined) {
    return before?.conditions.find(({ type, reason }) => type === "Ready" && reason === "NotScheduled")?.message;
  }
  if (schedule.kind === "scheduled") return undefined;
  return `Job ${job.directives.name} will not run: ${explained(schedule.because, job.directives)}`;
}

function explained(because: NotScheduled, { name, jobDefs, enabled }: JobDirectives): string {
  switch (because.kind) {
    case "jobDisabled":
      return enabled === true
        ? `it was disabled in the console. Type there: enable job="${name}"`
        : `its JobDefs ${jobDefs ?? ""} or a person in the console disabled it. Write Enabled = yes into the job file, or type in the console: enable job="${name}"`;
    case "noSchedule":
      return `neither its file nor JobDefs ${jobDefs ?? ""} has a Schedule. Set schedule of the OpenStackClient, or give the JobDefs one.`;
    case "scheduleDisabled":
      return `Schedule ${because.schedule} is disabled. Type in the console: enable schedule="${because.schedule}"`;
    case "clientDisabled":
      return `Client ${because.client} is disabled. Type in the console: enable client="${because.client}"`;
    case "scheduleWithoutRun":
      return `Schedule ${because.schedule} has no run in the next year. Give it one, or name another Schedule.`;
    case "hidden":
      return "it has no next run, and the Console may not see why. Look at its Schedule and its Client, and whether they are enabled.";
    default:
      return because satisfies never;
  }
}
