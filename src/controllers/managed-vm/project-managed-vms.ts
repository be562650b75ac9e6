import { PERSONAL } from "../../domain/jobfile/personal-headers.ts";
import type { DesiredStatus } from "../../kubernetes/status/merge-status.ts";
import { startTimeSlice } from "../../sync/time-slice.ts";
import type { ManagedVmRecord } from "./managed-vm-record.ts";
import { unpackStatus } from "./packed-status.ts";
import { personalChange } from "./personal-wishes.ts";
import type { ProjectionMemory } from "./projection-memory.ts";
import { clientKey, FIELD_MANAGER, type ProjectionOwner, type ProjectionPorts } from "./projection-ports.ts";
import { type Projection, ProjectionWrites } from "./projection-writes.ts";
import type { DesiredManagedVm } from "./shown-vm.ts";
import { createManagedVm, personalSpec, refOf, removeManagedVm, take } from "./write-managed-vm.ts";

/**
 * Makes the ManagedVMs of one client show what was seen: creates those that are not there, brings a person's fields
 * back from the headers, writes each status that differs, and removes objects of VMs that are no longer known when
 * `mayForget` says that the listing was trusted. Nothing here is a source of truth, so every step may be lost or
 * repeated. One VM's failure does not stop the others.
 */
export async function projectManagedVms(
  owner: ProjectionOwner,
  desired: Iterable<DesiredManagedVm>,
  mayForget: boolean,
  ports: ProjectionPorts,
  signal: AbortSignal,
): Promise<Projection> {
  const present = new Map<string, ManagedVmRecord>();
  const surplus: ManagedVmRecord[] = [];
  for (const key of ports.store.index("client", clientKey(owner))) {
    const record = ports.store.get(key);
    if (record === undefined) continue;
    if (present.has(record.uuid)) surplus.push(record);
    else present.set(record.uuid, record);
  }

  const writes = new ProjectionWrites(ports.concurrency, signal);
  const slice = startTimeSlice();
  for (const vm of desired) {
    if (slice.isUsedUp()) await slice.pause(signal);
    const record = present.get(vm.uuid);
    present.delete(vm.uuid);
    if (record !== undefined && isInStep(vm, record, ports.memory)) continue;
    await writes.add(() => projectOne(owner, vm, record, ports, signal));
  }
  const gone = mayForget ? [...present.values(), ...surplus] : surplus;
  for (const record of gone) {
    if (!record.isBeingDeleted) await writes.add(() => removeManagedVm(record, ports, signal));
  }
  return writes.end();
}

/** Nothing to send: the status is what was sent last and nobody wrote since, and the spec says what the headers say. */
function isInStep(vm: DesiredManagedVm, record: ManagedVmRecord, memory: ProjectionMemory): boolean {
  return specPatch(vm, record) === undefined && memory.isSettled(record, statusOf(vm, record));
}

async function projectOne(
  owner: ProjectionOwner,
  vm: DesiredManagedVm,
  record: ManagedVmRecord | undefined,
  ports: ProjectionPorts,
  signal: AbortSignal,
): Promise<number> {
  if (record?.isBeingDeleted === true) return 0; // made anew when it is gone
  let written = 0;
  let current = record;
  if (current === undefined) {
    current = await createManagedVm(owner, vm, ports, signal);
    written++;
  } else {
    const patch = specPatch(vm, current);
    if (patch !== undefined) {
      // A person may have changed the spec since: the version makes one of the two writes fail, and the person's wins.
      const body = { metadata: { resourceVersion: current.resourceVersion }, spec: patch };
      current = take(
        await ports.resource.mergePatch(refOf(current), body, { fieldManager: FIELD_MANAGER, signal }),
        ports,
      );
      written++;
    }
  }
  const status = statusOf(vm, current);
  const { uid, resourceVersion } = current;
  const request = {
    ref: refOf(current),
    uid,
    resourceVersion,
    current: unpackStatus(current.status),
    desired: status,
  };
  const outcome = await ports.statuses.write(request, signal);
  if (outcome.kind === "gone") return written;
  if (outcome.kind === "written") {
    current = take(outcome.object, ports);
    written++;
  }
  ports.memory.settle(current, status);
  return written;
}

/** The fields of the spec that differ from what was seen and from the headers, unless a person's newer words wait. */
function specPatch(vm: DesiredManagedVm, record: ManagedVmRecord): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  if (record.vmName !== vm.vmName) patch["vmName"] = vm.vmName;
  const { personal } = vm;
  if (personal !== undefined && personalChange(record, personal) === undefined) {
    const wanted = personalSpec(personal);
    for (const field of PERSONAL) if (record.personal[field] !== personal[field]) patch[field] = wanted[field] ?? null;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** A generation counts as observed once a person's words in it have got into the headers. */
function statusOf(vm: DesiredManagedVm, record: ManagedVmRecord): DesiredStatus {
  const waits = vm.personal !== undefined && personalChange(record, vm.personal) !== undefined;
  return { observedGeneration: waits ? record.observedGeneration : record.generation, ...vm.status };
}
