import type { JobFile } from "../../domain/jobfile/job-file.ts";
import type { FrontEndVerdict } from "../../domain/policy/judge-front-end.ts";
import type { KnownJobDefs } from "../../domain/policy/known-job-defs.ts";
import type { BatchItem } from "../batch-item.ts";
import type { ClientTree, DirectorResources } from "../ports.ts";
import type { PublishMemory } from "../publish/publish-memory.ts";
import type { AppliedPolicies } from "./applied-policies.ts";
import type { DirectorInventory } from "./director-inventory.ts";
import { judgeObservation } from "./judge-observation.ts";
import { newest, type PersonalWishes } from "./plan-client.ts";
import { policyKeyOf } from "./policy-key.ts";

/** Which of the Director's lists a pass needs. */
export interface DirectorNeeds {
  /** False: nothing changed that the Director's lists could tell anything about. */
  readonly lists: boolean;
  /** Some VM has no job file and is to get one. */
  readonly newVms: boolean;
  readonly wishedJobDefs: readonly string[];
}

/** A pass in which nothing changed asks the Director for no list at all. */
export function whatIsNeeded(
  item: Pick<BatchItem, "policy" | "observation" | "appliesPolicy">,
  personal: PersonalWishes,
  tree: ClientTree,
  applied: AppliedPolicies,
  frontEnd: FrontEndVerdict,
  memory: PublishMemory,
): DirectorNeeds {
  const { policy, observation, appliesPolicy = false } = item;
  const wished = new Set<string>();
  const policyKey = policyKeyOf(policy);
  // While another front end's policy is in force, ours is for new VMs only, and differs in every pass.
  const isHeld = frontEnd.kind === "held";
  const policyChanged = (!isHeld && applied.policyKey !== policyKey) || !memory.isVerified(policyKey);
  let newVms = false;
  let wishChanged = false;
  const sight = judgeObservation(observation);
  if (sight.kind === "clear") {
    const jobs = new Map<string, JobFile>();
    for (const folder of tree.folders) {
      const isKnown = folder.kind === "ours" || folder.kind === "purging";
      if (isKnown && folder.job !== undefined) jobs.set(folder.job.headers.uuid, folder.job);
    }
    for (const { uuid, wishes } of sight.vms) {
      const job = jobs.get(uuid);
      if (wishes.kind !== "read") {
        // What it wishes is no news, but a new VM gets a name, and the Director must not have it already.
        if (job === undefined) newVms = true;
        continue;
      }
      const override = job === undefined ? undefined : newest(personal(job.headers)?.jobDefs, job.headers.jobDefs);
      const wish = override ?? wishes.jobDefsTag ?? policy.jobDefs.name;
      wished.add(wish);
      if (wishes.optedOut) continue;
      if (job === undefined) newVms = true;
      else if (!isHeld && job.directives.jobDefs !== wish) wishChanged = true;
    }
  }
  return {
    lists: appliesPolicy || policyChanged || newVms || wishChanged,
    newVms,
    wishedJobDefs: [...wished, policy.jobDefs.name],
  };
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
