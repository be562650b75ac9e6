import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import { vmHeader } from "../../domain/jobfile/vm-header.ts";
import { managedVmName } from "../../domain/naming/managed-vm-name.ts";
import { jobName } from "../../domain/naming/resource-names.ts";
import type { VmCounter } from "../../domain/status/count-vms.ts";
import type { VmFacts } from "../../domain/status/vm-facts.ts";
import { type VmStatus, vmStatus } from "../../domain/status/vm-status.ts";
import type { NewVm, VmReport } from "../../sync/pass-report.ts";
import { startTimeSlice } from "../../sync/time-slice.ts";
import { isShown, jobNameOf, type VmFactsContext, vmFactsOf } from "../../sync/vm-facts-of.ts";
import type { Personal } from "./personal-wishes.ts";
import type { Projection } from "./projection-writes.ts";
import type { DesiredManagedVm, ShownVm } from "./shown-vm.ts";

export interface VmProjection {
  readonly desired: DesiredManagedVm;
  readonly facts: VmFacts;
  readonly status: VmStatus;
}

export interface ProjectionContext extends VmFactsContext {
  readonly now: number;
}

/**
 * What each VM's object shall show, and what the client counts of it. VMs without a job or a sighting have none. One
 * after the other: a hundred thousand statuses at once would be 100 MB, of which a usual pass needs none for long.
 */
export function* projectVms(
  vms: readonly VmReport[],
  context: ProjectionContext,
): Generator<VmProjection, void, undefined> {
  for (const vm of vms) if (isShown(vm)) yield projectVm(vm, context);
}

/** What is to be shown of each, counted on its way. */
export function* counted(
  vms: Iterable<VmProjection>,
  counter: VmCounter,
): Generator<DesiredManagedVm, void, undefined> {
  for (const vm of vms) {
    counter.add(vm);
    yield vm.desired;
  }
}

/** Goes through all and writes none, as a dry run does. */
export async function showNothing(vms: Iterable<DesiredManagedVm>, signal: AbortSignal): Promise<Projection> {
  const slice = startTimeSlice();
  for (const _vm of vms) if (slice.isUsedUp()) await slice.pause(signal);
  return { written: 0, failed: 0 };
}

function projectVm(vm: VmReport, context: ProjectionContext): VmProjection {
  const { policy, now } = context;
  const name = jobNameOf(vm, policy);
  const facts = vmFactsOf(vm, context);
  const status = vmStatus(facts, now);
  return { desired: { ...shownVm(vm, name), status: { ...status } }, facts, status };
}

/** The object of a VM that just got its job file: nobody has said anything of it yet. */
export function projectNewVm({ uuid, name, slug }: NewVm, policy: ClientPolicy): ShownVm {
  return shownVm({ uuid, name }, jobName(policy, slug));
}

function shownVm(vm: Pick<VmReport, "uuid" | "name" | "job">, name: string): ShownVm {
  return {
    uuid: vm.uuid,
    name: managedVmName(name),
    vmName: vmHeader(vm.name),
    ...(vm.job !== undefined && { personal: personalOf(vm.job.headers) }),
  };
}

/** A header without words holds all the same; the resource wants a reason. */
const NO_REASON = "no reason given";

function personalOf({ jobDefs, hold, suspend }: Personal): Personal {
  return { jobDefs, hold: hold === "" ? NO_REASON : hold, suspend: suspend === "" ? NO_REASON : suspend };
}
