import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";
import { findFault } from "./find-fault.ts";
import { type Candidate, hashOf } from "./publish-candidate.ts";
import { noteReload, slotsUsedUp } from "./reload-slots.ts";

export type Outcomes = ReadonlyMap<Candidate, PublishOutcome>;

/** Dry runs and content that was refused before keep out; the rest is swapped in and reloaded together. */
export async function reloadCandidates(
  candidates: readonly Candidate[],
  owed: boolean,
  context: BatchContext,
): Promise<Outcomes> {
  const { memory, clock } = context;
  const outcomes = new Map<Candidate, PublishOutcome>();
  const enforced: Candidate[] = [];
  for (const candidate of candidates) {
    const isDryRun = candidate.client.item.policy.mode === "DryRun";
    if (isDryRun) outcomes.set(candidate, candidate.isChanged ? { kind: "dryRun" } : { kind: "unchanged" });
    else if (candidate.isChanged && memory.isRefused(hashOf(candidate), clock.now()))
      outcomes.set(candidate, REFUSED_BEFORE);
    else enforced.push(candidate);
  }
  if (!owed && !enforced.some(({ isChanged }) => isChanged)) return outcomes;
  const reloaded = await reloadTogether(enforced, owed, context);
  return new Map([...outcomes, ...reloaded]);
}

const REFUSED_BEFORE: PublishOutcome = {
  kind: "refused",
  detail:
    "the Director refused exactly this content before; it is asked again later, and at once when something changes",
};

/**
 * One swap, one test where there is a command for it, and one reload for all given candidates. What is not loaded is put
 * back, so that a Director which restarts now would start.
 */
async function reloadTogether(
  candidates: readonly Candidate[],
  owed: boolean,
  context: BatchContext,
): Promise<Outcomes> {
  const { tree, director, memory, signal } = context;
  const changed = candidates.filter(({ isChanged }) => isChanged);
  // An owed reload, and its being put back, concerns files that look unchanged.
  const forAll = (outcome: PublishOutcome) =>
    new Map((owed ? candidates : changed).map((candidate) => [candidate, outcome]));
  const usedUp = await slotsUsedUp(context);
  if (usedUp !== undefined) return forAll(usedUp);

  const texts = new Map(changed.map(({ client, text }) => [client.item.policy, text]));
  const swap = await tree.swapPublished(texts, signal);
  const trial = await director.testConfiguration(signal);
  if (trial.kind === "broken") {
    await swap.putBack();
    const { detail } = trial;
    const fault = await findFault(trial, changed, context);
    if (fault.kind === "outside") return forAll({ kind: "directorInvalid", detail });
    if (fault.kind === "undecided")
      return forAll({ kind: "failed", reason: "PublishFailed", detail: `${detail}; ${fault.detail}` });
    // The files that stand now are others than those that the candidates were made for: the next pass makes new ones.
    return owed ? forAll({ kind: "refused", detail }) : withoutCulprit(fault.culprit, detail, candidates, context);
  }
  const reload = await director.reload(signal);
  const isUntouched = reload.kind === "busy" && reload.reason === "TooManyReloads";
  if (reload.kind !== "reloaded" && !isUntouched) await swap.putBack();
  await noteReload(reload, context);
  switch (reload.kind) {
    case "refused": {
      const detail = trial.kind === "unknown" ? `${reload.detail}; ${trial.detail}` : reload.detail;
      return owed ? forAll({ kind: "refused", detail }) : withoutCulprit(undefined, detail, candidates, context);
    }
    case "unknown":
      return forAll({ kind: "failed", reason: reload.reason, detail: reload.detail });
    case "busy":
      return forAll({ kind: "busy", reason: reload.reason, detail: reload.detail });
    case "reloaded":
      break;
    default:
      return reload satisfies never;
  }
  const jobs = await director.backupJobs(signal);
  if (jobs.kind === "unknown") return forAll({ kind: "failed", reason: jobs.reason, detail: jobs.detail });
  const outcomes = new Map(candidates.map((candidate) => [candidate, verify(candidate, owed, jobs.value)]));
  for (const [{ client }, { kind }] of outcomes) {
    memory.noteSeenInDirector(client.item.policy.client, kind === "published" || kind === "unchanged");
  }
  // While a job of any client is not there (a stale mount, another configuration), the reload stays owed: what this
  // batch proves says nothing of another client's jobs, and the next pass tries again.
  if (memory.areAllSeenInDirector()) await swap.commit();
  return outcomes;
}

/**
 * After a refusal: one client's trouble must not keep the others' new VMs unprotected. The culprit stays out and the
 * others go on together; when nothing tells who it is, each is tried alone.
 */
async function withoutCulprit(
  named: Candidate | undefined,
  detail: string,
  candidates: readonly Candidate[],
  context: BatchContext,
): Promise<Outcomes> {
  const changed = candidates.filter(({ isChanged }) => isChanged);
  const [only, ...others] = changed;
  const culprit = others.length === 0 ? only : named;
  const outcomes = new Map<Candidate, PublishOutcome>();
  if (culprit !== undefined) {
    context.memory.markRefused(hashOf(culprit), context.clock.now());
    outcomes.set(culprit, { kind: "refused", detail });
  }
  const rest = changed.filter((candidate) => candidate !== culprit);
  const groups = culprit === undefined ? rest.map((candidate) => [candidate]) : rest.length > 0 ? [rest] : [];
  for (const group of groups) {
    for (const [candidate, outcome] of await reloadTogether(group, false, context)) outcomes.set(candidate, outcome);
  }
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
