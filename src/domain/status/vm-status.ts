import { deadlines } from "../lifecycle/deadlines.ts";
import { vmConditions } from "./vm-conditions.ts";
import { isOptedOut, type Run, type VmFacts } from "./vm-facts.ts";
import type { VmPhase, VmStatus } from "./vm-status-shape.ts";
import { wireTime } from "./wire-time.ts";

export type { VmStatus } from "./vm-status-shape.ts";

/**
 * What a ManagedVM shows: a mirror of the job file and of the catalog (spec section 7). Pure; the same facts give the
 * same status, and time alone changes it only when `maxBackupAge` is over.
 */
export function vmStatus(facts: VmFacts, now: number): VmStatus {
  const { job, before } = facts;
  const headers = job?.headers;
  const phase = phaseOf(facts);
  const mayBeRemoved = headers !== undefined && headers.hold === undefined && headers.suspend === undefined;
  const due = mayBeRemoved ? deadlines(headers, facts.policy, facts.blindMs) : {};
  const lastBackup = facts.history === undefined ? before?.lastBackup : backupOf(facts.history.lastGood);
  const lastRun = facts.history === undefined ? before?.lastRun : runOf(facts.history.lastRun);
  const jobDefs = jobDefsOf(facts);
  return {
    phase,
    ...(job !== undefined && { jobName: job.directives.name }),
    ...(job?.directives.fileSet !== undefined && { fileSetName: job.directives.fileSet }),
    ...(jobDefs !== undefined && { jobDefs }),
    ...(headers?.missingSince !== undefined && { missingSince: wireTime(headers.missingSince) }),
    ...(due.disableAt !== undefined && { disableAt: wireTime(due.disableAt) }),
    ...(headers?.status === "disabled" &&
      headers.disabled !== undefined && { disabledSince: wireTime(headers.disabled) }),
    ...(due.purgeAt !== undefined && { purgeAt: wireTime(due.purgeAt) }),
    ...(lastBackup !== undefined && { lastBackup }),
    ...(lastRun !== undefined && { lastRun }),
    conditions: vmConditions(facts, phase, now),
  };
}

/** The first that holds: Purging, Rejected, OptedOut, Disabled, Missing, Active. */
function phaseOf(facts: VmFacts): VmPhase {
  const headers = facts.job?.headers;
  if (facts.isPurging === true) return "Purging";
  if (facts.publishing.kind === "rejected") return "Rejected";
  if (isOptedOut(facts)) return "OptedOut";
  if (headers?.status === "disabled") return "Disabled";
  return headers?.missingSince === undefined ? "Active" : "Missing";
}

function jobDefsOf({ job, jobDefs, wishes, sighting, before }: VmFacts): VmStatus["jobDefs"] {
  if (job === undefined) return undefined;
  const { name } = jobDefs;
  if (sighting === "unseen" && before?.jobDefs?.name === name) return before.jobDefs;
  // A choice that was not judged knows its source only by comparing names; what the VM and the file say is better.
  if (jobDefs.basis === "judged") return { name, from: jobDefs.from };
  if (job.headers.jobDefs === name) return { name, from: "Person" };
  if (wishes?.kind === "read" && wishes.jobDefsTag === name) return { name, from: "Tag" };
  return { name, from: jobDefs.from };
}

function backupOf(run: Run | undefined): VmStatus["lastBackup"] {
  if (run === undefined) return undefined;
  const { jobId, level, status, bytes } = run;
  return { jobId, level, status, endTime: wireTime(run.endTimeMs), bytes };
}

function runOf(run: Run | undefined): VmStatus["lastRun"] {
  return run === undefined ? undefined : { jobId: run.jobId, status: run.status, endTime: wireTime(run.endTimeMs) };
}
