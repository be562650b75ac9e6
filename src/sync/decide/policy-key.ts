import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import { fileSetPolicyOf } from "../../domain/jobfile/file-set-policy.ts";

/**
 * The part of a client's policy that reaches its existing job and fileset files, as one comparable text. What only new files or the
 * times of a removal depend on is not in it.
 */
export function policyKeyOf(policy: ClientPolicy): string {
  const { client, jobDefs, storage, pool, schedule, messages, overrideTaggedJobDefs, optOutAction } = policy;
  const allowed = policy.allowedJobDefs === undefined ? null : [...policy.allowedJobDefs].sort();
  const directives = [jobDefs.name, storage, pool, schedule, messages];
  const { signature, dedup, plugin } = fileSetPolicyOf(policy);
  const { name, proxyServer, selector, options } = plugin;
  const fileSet = [signature, dedup, name, proxyServer, selector, options];
  return JSON.stringify([client, ...directives, overrideTaggedJobDefs, allowed, optOutAction, ...fileSet]);
}
