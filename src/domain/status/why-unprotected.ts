import { isMeantToRun } from "./is-meant-to-run.ts";
import { isUnprotected } from "./is-unprotected.ts";
import { judgeBackup } from "./judge-backup.ts";
import { notScheduledMessage } from "./not-scheduled.ts";
import type { VmReason } from "./reasons.ts";
import { sentence } from "./sentence.ts";
import type { VmFacts } from "./vm-facts.ts";

/** One cause of an answer, with the reason of docs/conditions.md. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
}

/**
 * Why a VM counts as unprotected (`isUnprotected`), what is to be mended first in front; empty for a VM that does not
 * count as such. A VM without a job has no other cause.
 */
export function whyUnprotected(facts: VmFacts, now: number): readonly Cause[] {
  if (!isUnprotected(facts, now)) return [];
  const { job, publishing, decision } = facts;
  if (publishing.kind === "rejected" && !publishing.lastGoodPublished)
    return [cause("Rejected", `The Director has no job of it: ${sentence(publishing.reason)}`)];
  if (job === undefined)
    return decision.kind === "leaveMissingFile"
      ? [
          cause(
            "JobFileMissing",
            "The catalog knows its job, but the job file is missing: put it back, or allow healing.",
          ),
        ]
      : [cause("Progressing", "It has no job yet.")];
  const causes: Cause[] = [];
  if (publishing.kind === "none" || (publishing.kind === "pending" && publishing.lastGoodPublished !== true))
    causes.push(cause("Pending", "The Director does not have its job yet."));
  if (!isMeantToRun(job))
    causes.push(
      job.headers.status === "active"
        ? cause("DisabledInFile", "Its job is disabled by a person: Enabled = no stands in the job file.")
        : cause("Disabled", "It is listed, and its job is still disabled from the time when it was not."),
    );
  const notScheduled = notScheduledMessage(facts);
  if (notScheduled !== undefined) causes.push(cause("NotScheduled", notScheduled));
  return [...causes, ...backupCause(facts, now)];
}

function backupCause(facts: VmFacts, now: number): readonly Cause[] {
  const verdict = judgeBackup(facts, now);
  const { lastGood, lastRun } = facts.history ?? {};
  switch (verdict) {
    case "GoodBackup":
      return [];
    case "NeverRun":
      return [cause(verdict, "Its job has not run yet.")];
    case "NoGoodBackup":
      return [cause(verdict, `No run of its job ended well and with files; the last is JobId ${lastRun?.jobId}.`)];
    case "OtherFileSet":
      return [
        cause(verdict, `Its last good backup, JobId ${lastGood?.jobId}, is of another FileSet, ${lastGood?.fileSet}.`),
      ];
    case "TooOld":
      return [cause(verdict, `Its last good backup, JobId ${lastGood?.jobId}, is older than MAX_BACKUP_AGE.`)];
    case "Unknown":
      return [cause("CatalogUnavailable", "The catalog could not be read, so no backup of it is known.")];
    default:
      return verdict satisfies never;
  }
}

function cause(reason: VmReason, message: string): Cause {
  return { reason, message };
}
