import type { ClientPolicy } from "../../domain/client/client-policy.ts";

/** The part of a client's policy that reaches its job files, as one comparable text. */
export function policyKeyOf(policy: ClientPolicy): string {
  const { client, jobDefs, storage, pool, schedule, messages, overrideTaggedJobDefs } = policy;
  return JSON.stringify([client, jobDefs.name, storage, pool, schedule, messages, overrideTaggedJobDefs]);
}
