import type { ClientPolicy } from "../../domain/client/client-policy.ts";

/**
 * The part of a client's policy that reaches its existing job files, as one comparable text. What only new files or the
 * times of a removal depend on is not in it.
 */
export function policyKeyOf(policy: ClientPolicy): string {
  const { client, jobDefs, storage, pool, schedule, messages, overrideTaggedJobDefs, optOutAction } = policy;
  const allowed = policy.allowedJobDefs === undefined ? null : [...policy.allowedJobDefs].sort();
  const directives = [jobDefs.name, storage, pool, schedule, messages];
  return JSON.stringify([client, ...directives, overrideTaggedJobDefs, allowed, optOutAction]);
}
