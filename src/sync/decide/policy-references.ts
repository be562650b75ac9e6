import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { KnownJobDefs } from "../../domain/policy/known-job-defs.ts";
import { checkReferences, type MissingReference } from "../../domain/publishing/references.ts";
import type { DirectorResources } from "../ports.ts";

/** What the client's own policy names and the Director does not have (rule 7). An empty name leaves its line out. */
export function policyReferences(
  policy: ClientPolicy,
  resources: DirectorResources,
  jobDefs: KnownJobDefs,
): readonly MissingReference[] {
  const { client, storage, pool, schedule, messages } = policy;
  const named = (value: string) => (value === "" ? undefined : value);
  return checkReferences(
    {
      client,
      jobDefs: policy.jobDefs.name,
      storage: named(storage),
      pool: named(pool),
      schedule: named(schedule),
      messages: named(messages),
    },
    resources,
    jobDefs,
  );
}
