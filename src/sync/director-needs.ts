import type { KnownJobDefs } from "../domain/policy/known-job-defs.ts";
import type { AppliedPolicies } from "./applied-policies.ts";
import type { DirectorInventory } from "./director-inventory.ts";
import { judgeObservation } from "./judge-observation.ts";
import type { PersonalWishes } from "./plan-client.ts";
import { policyKeyOf } from "./policy-key.ts";
import type { ClientTree, DirectorResources } from "./ports.ts";
import type { PublishMemory } from "./publish-memory.ts";
import type { BatchItem } from "./sync-batch.ts";

/** Which of the Director's lists a pass needs. */
export interface DirectorNeeds {
  /** False: nothing changed that the Director's lists could tell anything about. */
  readonly lists: boolean;
  readonly wishedJobDefs: readonly string[];
}

/** A pass in which nothing changed asks the Director for no list at all. */
export function whatIsNeeded(
  item: BatchItem,
  personal: PersonalWishes,
  tree: ClientTree,
  applied: AppliedPolicies,
  memory: PublishMemory,
): DirectorNeeds {
  const { policy, observation } = item;
  const wished = new Set<string>();
  const policyKey = policyKeyOf(policy);
  const policyChanged = applied.policyKey !== policyKey || !memory.isVerified(policyKey);
  let newVms = false;
  let wishChanged = false;
  const sight = judgeObservation(observation);
  if (sight.kind === "clear") {
    const jobs = new Map<string, { readonly present?: string | undefined; readonly override?: string | undefined }>();
    for (const folder of tree.folders) {
      if (folder.kind !== "ours") continue;
      const { headers, directives } = folder.job;
      jobs.set(headers.uuid, { present: directives.jobDefs, override: headers.jobDefs });
    }
    for (const vm of sight.vms) {
      if (vm.wishes.kind !== "read") continue;
      const job = jobs.get(vm.uuid);
      const wish = job?.override ?? vm.wishes.jobDefsTag ?? policy.jobDefs.name;
      if (job === undefined && !vm.wishes.optedOut) newVms = true;
      if (job !== undefined && !vm.wishes.optedOut && job.present !== wish) wishChanged = true;
      wished.add(wish);
    }
  }
  for (const wishes of personal.values()) {
    if (typeof wishes.jobDefs !== "string") continue;
    wishChanged = true;
    wished.add(wishes.jobDefs);
  }
  return { lists: policyChanged || newVms || wishChanged, wishedJobDefs: [...wished, policy.jobDefs.name] };
}

export interface DirectorLists {
  readonly resources?: DirectorResources | undefined;
  readonly jobDefs: KnownJobDefs;
  readonly trouble?: { readonly reason: string; readonly detail: string } | undefined;
}

export async function readDirectorLists(
  needs: DirectorNeeds,
  inventory: DirectorInventory,
  signal: AbortSignal,
): Promise<DirectorLists> {
  if (!needs.lists) return { jobDefs: { kind: "unknown" } };
  const resources = await inventory.resources(signal);
  if (resources.kind === "unknown") return { jobDefs: { kind: "unknown" }, trouble: resources };
  const jobDefs = await inventory.jobDefs(needs.wishedJobDefs, signal);
  return { resources: resources.value, jobDefs };
}
