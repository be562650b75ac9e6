import { type NextStep, nextSteps, type Outlook } from "./next-steps.ts";
import { isLive, isOptedOut, type VmFacts } from "./vm-facts.ts";
import type { VmStatus } from "./vm-status-shape.ts";
import { type Cause, whyUnprotected } from "./why-unprotected.ts";
import { wireTime } from "./wire-time.ts";

/** The answer to "is this VM protected?". `Unknown`: it has no job, and whether it exists could not be seen. */
export type Protection = "Protected" | "Unprotected" | "OptedOut" | "NotListed" | "Unknown";

/** Why one VM is protected or not, and what happens next, for a person. */
export interface VmExplanation {
  readonly protection: Protection;
  /** What decides in front; then what else is to be known of it. */
  readonly because: readonly Cause[];
  readonly next: readonly NextStep[];
}

/** Says of one VM what its status says (`vmStatus`), as the answer to a person's question. Pure. */
export function explainVm(facts: VmFacts, status: VmStatus, outlook: Outlook, now: number): VmExplanation {
  const unprotected = whyUnprotected(facts, now);
  const told = new Set(unprotected.map(({ reason }) => reason));
  const others = [...ownCauses(facts, outlook), ...conditionCauses(status)].filter(
    ({ reason }) => !told.has(reason) && (reason !== "Succeeded" || unprotected.length === 0),
  );
  return {
    protection: protectionOf(facts, unprotected),
    because: [...unprotected, ...others],
    next: nextSteps(facts, outlook, now),
  };
}

function protectionOf(facts: VmFacts, unprotected: readonly Cause[]): Protection {
  if (isOptedOut(facts)) return "OptedOut";
  if (isLive(facts)) return unprotected.length === 0 ? "Protected" : "Unprotected";
  return facts.job === undefined ? "Unknown" : "NotListed";
}

/** What the conditions say in the words of ManagedVMs, which are not everybody's. */
function ownCauses({ job, publishing }: VmFacts, { isContradicted }: Outlook): readonly Cause[] {
  const causes: Cause[] = [];
  const { missingSince, hold, suspend } = job?.headers ?? {};
  if (missingSince !== undefined)
    causes.push({ reason: "Missing", message: `The VM is not listed any more since ${wireTime(missingSince)}.` });
  if (isContradicted)
    causes.push({
      reason: "ContradictedByBackups",
      message: "A good backup of it began since, so it exists and is not disabled: check what the plugin may see.",
    });
  if (hold !== undefined)
    causes.push({ reason: "Held", message: `Held by a person${inWords(hold)}: never disabled, never purged.` });
  if (suspend !== undefined)
    causes.push({
      reason: "Suspended",
      message: `Suspended by a person${inWords(suspend)}: directives stay as they are, absence does not count.`,
    });
  if (publishing.kind === "pending" && publishing.lastGoodPublished === true)
    causes.push({
      reason: "Pending",
      message: "A change of its files is not in the Director yet; its last good job is in force.",
    });
  return causes;
}

const TOLD_ALREADY: ReadonlySet<string> = new Set([
  "Missing",
  "Suspended",
  "Pending",
  "Progressing",
  "JobFileMissing",
  "NotScheduled",
]);

/** What sums up others, and what `ownCauses` and `whyUnprotected` say, is left out. */
function conditionCauses({ phase, conditions }: VmStatus): readonly Cause[] {
  return conditions.flatMap(({ type, status, reason, message }) => {
    if (type === "Stalled" || type === "Reconciling" || TOLD_ALREADY.has(reason)) return [];
    if (type === "Ready" && phase === "Rejected") return [];
    if (type === "Published" && status === "True") return [];
    return [{ reason, message }];
  });
}

/** A header without words holds all the same. */
function inWords(reason: string): string {
  return reason === "" ? "" : ` (${reason})`;
}
