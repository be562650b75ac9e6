import type { BatchContext } from "../batch-context.ts";
import type { Candidate } from "./publish-candidate.ts";
import { askWhatIsOld, someJobs } from "./show-jobs.ts";

/** Whether the Director has the jobs of published files that no reload of this process proved. */
export type Proof =
  /** A job is not on its list, or is another there: a reload is owed, and its mark was lost with the state folder. */
  | { readonly kind: "lacking" }
  | { readonly kind: "loaded" }
  /** The list could not be read: nothing is proved, and the next pass asks again. */
  | { readonly kind: "unknown" };

/**
 * That a published file is as it should be proves nothing of the Director when the state folder, and in it the mark that
 * a reload is owed, may have been lost (spec section 3): its list is asked once for each client of a process, and for some jobs what it
 * really has of them. Files that change are proved by their own reload.
 */
export async function proveLoaded(candidates: readonly Candidate[], context: BatchContext): Promise<Proof> {
  const { director, memory, signal } = context;
  const unproven = candidates.filter(
    ({ client: { item }, isChanged, wanted }) =>
      !isChanged && wanted.size > 0 && item.policy.mode === "Enforce" && memory.get(item.policy.client) === undefined,
  );
  if (unproven.length === 0) return { kind: "loaded" };
  const jobs = await director.backupJobs(signal);
  if (jobs.kind === "unknown") return { kind: "unknown" };
  const isLoaded = unproven.every(({ wanted }) =>
    [...wanted.values()].every(({ jobName }) => jobName === undefined || jobs.value.has(jobName)),
  );
  if (!isLoaded) return { kind: "lacking" };
  const wanted = new Map(unproven.map((candidate) => [candidate, someJobs([...candidate.wanted.values()])]));
  const old = await askWhatIsOld(wanted, context);
  if (old.kind === "unknown") return { kind: "unknown" };
  for (const candidate of unproven) memory.noteDoubt(candidate.client.item.policy.client, old.value.has(candidate));
  return { kind: old.value.size === 0 ? "loaded" : "lacking" };
}
