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
  if (schedule.kind !== "notScheduled") return undefined;
  return `Job ${job.directives.name} will not run: ${explained(schedule.because, job.directives)}`;
}

/**
 * That the Director runs a job that its own file disables, for a person, with what to do; undefined: it does not, as far
 * as is known. The console goes before the file until the Director restarts, over reloads too (dird_conf.c).
 */
export function enabledInConsoleMessage({ job, schedule, before }: VmFacts): string | undefined {
  if (job?.directives.enabled !== false) return undefined;
  if (schedule === undefined) {
    return before?.conditions.find(({ type, reason }) => type === "Ready" && reason === "EnabledInConsole")?.message;
  }
  if (schedule.kind !== "enabledInConsole") return undefined;
  const { name } = job.directives;
  return `Job ${name} runs although its file says Enabled = no: it was enabled in the console. Type there: disable job="${name}"`;
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
