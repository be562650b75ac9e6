import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import type { LastApplied } from "../../domain/policy/judge-front-end.ts";
import type { FailedChange, LockedTree } from "../ports.ts";
import { type AppliedPolicies, isSameApplied, readAppliedPolicies, toAppliedDocument } from "./applied-policies.ts";
import type { PlannedVm } from "./plan-client.ts";

/** The policies that were applied to one client's files last, from the state folder. */
export async function loadApplied(client: ClientIdentity, tree: LockedTree): Promise<AppliedPolicies> {
  return readAppliedPolicies(await tree.readState(stateName(client)));
}

/** Remembers what a pass applied; a VM whose file could not be written, or was left alone, keeps what it had. */
export async function saveApplied(
  client: ClientIdentity,
  pass: {
    readonly planned: readonly PlannedVm[];
    readonly failed: readonly FailedChange[];
    readonly before: AppliedPolicies;
    readonly last: LastApplied;
  },
  tree: LockedTree,
): Promise<void> {
  const { planned, before } = pass;
  const { policyKey, frontEnd } = pass.last;
  const failedSlugs = new Set(pass.failed.map(({ slug }) => slug));
  const vms = new Map<string, PlannedVm["desired"]>();
  for (const vm of planned) {
    const isApplied = vm.policyApplied && !(vm.slug !== undefined && failedSlugs.has(vm.slug));
    const directives = isApplied ? vm.desired : before.vms.get(vm.uuid);
    if (directives !== undefined) vms.set(vm.uuid, directives);
  }
  const next = { policyKey, frontEnd, vms };
  if (!isSameApplied(next, before)) await tree.writeState(stateName(client), toAppliedDocument(next));
}

function stateName({ datacenter, openstack }: ClientIdentity): string {
  return `applied-policies/${datacenter}/${openstack}`;
}
