import { newVmsThatWait } from "../../domain/lifecycle/new-vms-that-wait.ts";
import type { PlannedVm } from "./plan-client.ts";

/** The plan with at most so many new VMs to create now (rule 8); the others are left for the next pass. */
export function capNewVms(planned: readonly PlannedVm[], most: number): readonly PlannedVm[] {
  const toCreate = planned.flatMap(({ uuid, decision }) => (decision.kind === "create" ? [uuid] : []));
  const waiting = newVmsThatWait(toCreate, most);
  if (waiting.size === 0) return planned;
  return planned.map((vm) =>
    waiting.has(vm.uuid) ? { ...vm, policyApplied: false, decision: { kind: "createLater" } } : vm,
  );
}
