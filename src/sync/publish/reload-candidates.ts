import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";
import { type Candidate, hashOf } from "./publish-candidate.ts";

export type Outcomes = ReadonlyMap<Candidate, PublishOutcome>;

/** Dry runs and content that was refused before keep out; the rest is swapped in and reloaded together. */
export async function reloadCandidates(
  candidates: readonly Candidate[],
  owed: boolean,
  context: BatchContext,
): Promise<Outcomes> {
  const { memory } = context;
  const outcomes = new Map<Candidate, PublishOutcome>();
  const enforced: Candidate[] = [];
  for (const candidate of candidates) {
    const isDryRun = candidate.client.item.policy.mode === "DryRun";
    if (isDryRun) outcomes.set(candidate, candidate.isChanged ? { kind: "dryRun" } : { kind: "unchanged" });
    else if (candidate.isChanged && memory.isRefused(hashOf(candidate))) outcomes.set(candidate, REFUSED_BEFORE);
    else enforced.push(candidate);
  }
  if (!owed && !enforced.some(({ isChanged }) => isChanged)) return outcomes;
  const reloaded = await reloadTogether(enforced, owed, context);
  return new Map([...outcomes, ...reloaded]);
}

const REFUSED_BEFORE: PublishOutcome = {
  kind: "refused",
  detail: "the Director refused exactly this content before; it is not asked again until something changes",
};

/**
 * One swap and one reload for all given candidates. When the Director refuses several clients at once, each is tried
 * alone: one client's trouble must not keep the others' new VMs unprotected.
 */
async function reloadTogether(
  candidates: readonly Candidate[],
  owed: boolean,
  context: BatchContext,
): Promise<Outcomes> {
  const { tree, director, memory, signal } = context;
  const changed = candidates.filter(({ isChanged }) => isChanged);
  const texts = new Map(changed.map(({ client, text }) => [client.item.policy, text]));
  const swap = await tree.swapPublished(texts, signal);
  const reload = await director.reload(signal);
  const forChanged = (outcome: PublishOutcome) => new Map(changed.map((candidate) => [candidate, outcome]));
  switch (reload.kind) {
    case "refused": {
      await swap.putBack();
      const [first, ...others] = changed;
      if (first === undefined) return new Map();
      if (others.length === 0) {
        memory.markRefused(hashOf(first));
        return forChanged({ kind: "refused", detail: reload.detail });
      }
      const outcomes = new Map<Candidate, PublishOutcome>();
      for (const candidate of changed) {
        const alone = await reloadTogether([candidate], false, context);
        for (const [key, outcome] of alone) outcomes.set(key, outcome);
      }
      return outcomes;
    }
    case "unknown":
      await swap.putBack();
      return forChanged({ kind: "failed", reason: reload.reason, detail: reload.detail });
    case "busy":
      return forChanged({ kind: "busy", reason: reload.reason, detail: reload.detail });
    case "reloaded":
      break;
    default:
      return reload satisfies never;
  }
  const jobs = await director.backupJobs(signal);
  if (jobs.kind === "unknown") return forChanged({ kind: "failed", reason: jobs.reason, detail: jobs.detail });
  const outcomes = new Map(candidates.map((candidate) => [candidate, verify(candidate, owed, jobs.value)]));
  const isVerified = [...outcomes.values()].every(({ kind }) => kind === "published" || kind === "unchanged");
  // While a job is not there (a stale mount, another configuration), the reload stays owed and the next pass tries again.
  if (isVerified) await swap.commit();
  return outcomes;
}

/** After a good reload every published job is on the Director's list and no withdrawn one is (rule 7). */
function verify(candidate: Candidate, owed: boolean, jobs: ReadonlySet<string>): PublishOutcome {
  const absent = candidate.jobNames.filter((name) => !jobs.has(name));
  const stale = candidate.withdrawnJobNames.filter((name) => jobs.has(name));
  if (absent.length === 0 && stale.length === 0) {
    return candidate.isChanged || owed ? { kind: "published", jobs: candidate.jobNames.length } : { kind: "unchanged" };
  }
  const parts = [
    absent.length > 0 ? `${absent.length} published jobs are not on its list, such as ${absent[0]}` : "",
    stale.length > 0 ? `${stale.length} withdrawn jobs still are, such as ${stale[0]}` : "",
  ].filter((part) => part !== "");
  const remedy =
    "Check that the Director's configuration includes include.conf of this BASE_DIR and sees the same files.";
  return {
    kind: "busy",
    reason: "JobListUnchanged",
    detail: `the Director reloaded, but ${parts.join(" and ")}. ${remedy}`,
  };
}
