import type { ComingStep } from "../lifecycle/what-comes.ts";
import { isMeantToRun } from "./is-meant-to-run.ts";
import { isOptedOut, type VmFacts } from "./vm-facts.ts";
import { wireTime } from "./wire-time.ts";

/** A step of the plan; `waits`: why it is not taken before a person says so. */
interface PlannedForVm {
  readonly action: string;
  readonly reason: string;
  readonly waits?: string | undefined;
}

/** What is known of the time after a look at one VM. */
export interface Outlook {
  /** What the next pass does for it: the steps of the plan. */
  readonly planned: readonly PlannedForVm[];
  /** What comes by itself (`whatComes`). */
  readonly coming: readonly ComingStep[];
  /** Not listed, but backed up since it went missing (rule 3). */
  readonly isContradicted: boolean;
}

/** What happens next to a VM, for a person. */
export interface NextStep {
  /** RFC 3339 in UTC; absent: with the next pass, or when something changes. */
  readonly at?: string | undefined;
  readonly message: string;
}

const COMING = {
  disable: "Its job is disabled then, unless the VM is listed again before; its backups are kept.",
  purge: "Its backups, its job and its files are purged from then on, unless the VM is listed again before.",
} as const satisfies Record<ComingStep["step"], string>;

/** What the next pass does for the VM, and what comes by itself after it; never empty. */
export function nextSteps(facts: VmFacts, { planned, coming }: Outlook, now: number): readonly NextStep[] {
  const steps: NextStep[] = planned.map(({ action, reason, waits }) => ({
    message: waits === undefined ? `The next sync: ${action} (${reason}).` : `${action} waits (${reason}): ${waits}`,
  }));
  const begunNow = planned.some(({ action }) => action === "Disable" || action === "Purge");
  for (const { step, atMs } of coming) {
    if (begunNow && atMs <= now) continue;
    steps.push({ at: wireTime(atMs), message: COMING[step] });
  }
  return steps.length > 0 ? steps : [{ message: withoutStep(facts) }];
}

function withoutStep(facts: VmFacts): string {
  const { job, sighting, publishing } = facts;
  if (sighting === "unseen") return "Nothing is decided about it until the VMs of its client can be seen again.";
  if (publishing.kind === "rejected")
    return "Correct its files, or what they name, by what is said above: the next sync tries again.";
  if (isOptedOut(facts))
    return job === undefined
      ? "It gets a job when the tag is taken away."
      : "Its job is left as it is, until the tag is taken away.";
  if (job === undefined) return "Nothing, until the cause above is mended.";
  const { status, hold, suspend, missingSince } = job.headers;
  if (missingSince !== undefined && suspend !== undefined) return "Nothing, until the suspension is taken away.";
  if (missingSince !== undefined && hold !== undefined) return "Nothing, until it is released or listed again.";
  if (status === "disabled") return "Its backups are kept; its job is enabled again when the VM is listed again.";
  if (!isMeantToRun(job)) return "Nothing, until a person enables the job in its file.";
  const { schedule, jobDefs } = job.directives;
  const by = schedule === undefined ? `the schedule of JobDefs ${jobDefs ?? ""}` : `Schedule ${schedule}`;
  return publishing.kind === "published"
    ? `Its job runs by ${by}; nothing else is due.`
    : "Its job waits for the Director.";
}
