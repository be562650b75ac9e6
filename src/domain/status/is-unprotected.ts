import { isMeantToRun } from "./is-meant-to-run.ts";
import { judgeBackup } from "./judge-backup.ts";
import { notScheduledMessage } from "./not-scheduled.ts";
import { isLive, isOptedOut, type VmFacts } from "./vm-facts.ts";

/**
 * Whether a VM that should be protected is not (spec section 7): live, not opted out, and without a published enabled
 * job, or without a good backup of its present FileSet, or with one that is too old. The number to alert on. While the
 * catalog cannot be read, what was last known of the backup counts; a VM of which nothing was ever known is unprotected.
 */
export function isUnprotected(facts: VmFacts, now: number): boolean {
  if (!isLive(facts) || isOptedOut(facts)) return false;
  return !hasWorkingJob(facts) || !isBackedUp(facts, now);
}

function hasWorkingJob(facts: VmFacts): boolean {
  const { job, publishing } = facts;
  const isInDirector =
    publishing.kind === "published" || (publishing.kind !== "none" && publishing.lastGoodPublished === true);
  const isEnabled = job !== undefined && isMeantToRun(job);
  return isInDirector && isEnabled && notScheduledMessage(facts) === undefined;
}

function isBackedUp(facts: VmFacts, now: number): boolean {
  const verdict = judgeBackup(facts, now);
  if (verdict !== "Unknown") return verdict === "GoodBackup";
  return facts.before?.conditions.some(({ type, status }) => type === "BackedUp" && status === "True") ?? false;
}
