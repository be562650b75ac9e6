import { z } from "zod";
import type { DesiredDirectives } from "../../domain/policy/desired-directives.ts";
import type { LastApplied } from "../../domain/policy/judge-front-end.ts";

/**
 * What policy last put into each VM's job file: the "old policy" of the three-way comparison (spec section 3). Kept in
 * the state folder, where it may be lost: then files stand as they are.
 */
export interface AppliedPolicies extends LastApplied {
  /** By uuid. */
  readonly vms: ReadonlyMap<string, DesiredDirectives>;
}

const directives = z.strictObject({
  jobDefs: z.string().optional(),
  storage: z.string().optional(),
  pool: z.string().optional(),
  schedule: z.string().optional(),
  messages: z.string().optional(),
});

/** Most VMs of a client share a handful of policies, so the document has each once and an index for each VM. */
const document = z.strictObject({
  version: z.literal(1),
  policyKey: z.string(),
  frontEnd: z.string().min(1).optional(),
  policies: z.array(directives),
  vms: z.record(z.string(), z.int().nonnegative()),
});

/** A document that is lost or of another form counts as lost. */
export function readAppliedPolicies(state: unknown): AppliedPolicies {
  const parsed = document.safeParse(state);
  if (!parsed.success) return { policyKey: "", vms: new Map() };
  const vms = new Map<string, DesiredDirectives>();
  for (const [uuid, index] of Object.entries(parsed.data.vms)) {
    const policy = parsed.data.policies[index];
    if (policy !== undefined) vms.set(uuid, policy);
  }
  const { policyKey, frontEnd } = parsed.data;
  return { policyKey, frontEnd, vms };
}

/** Whether both would be kept as the same document. */
export function isSameApplied(a: AppliedPolicies, b: AppliedPolicies): boolean {
  if (a.policyKey !== b.policyKey || a.frontEnd !== b.frontEnd || a.vms.size !== b.vms.size) return false;
  for (const [uuid, policy] of a.vms) {
    const other = b.vms.get(uuid);
    if (other === undefined || !isSamePolicy(policy, other)) return false;
  }
  return true;
}

function isSamePolicy(a: DesiredDirectives, b: DesiredDirectives): boolean {
  return (
    a === b ||
    (a.jobDefs === b.jobDefs &&
      a.storage === b.storage &&
      a.pool === b.pool &&
      a.schedule === b.schedule &&
      a.messages === b.messages)
  );
}

/** The form for the state folder; the same policies always give the same document. */
export function toAppliedDocument(applied: AppliedPolicies): z.infer<typeof document> {
  const policies: DesiredDirectives[] = [];
  const indexes = new Map<string, number>();
  const vms: Record<string, number> = {};
  for (const [uuid, policy] of [...applied.vms].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = directivesKey(policy);
    let index = indexes.get(key);
    if (index === undefined) {
      index = policies.push(policy) - 1;
      indexes.set(key, index);
    }
    vms[uuid] = index;
  }
  const { policyKey, frontEnd } = applied;
  return { version: 1, policyKey, ...(frontEnd !== undefined && { frontEnd }), policies, vms };
}

/** Two policies with the same key are the same. */
function directivesKey(policy: DesiredDirectives): string {
  return JSON.stringify([policy.jobDefs, policy.storage, policy.pool, policy.schedule, policy.messages]);
}
