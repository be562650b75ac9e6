import PQueue from "p-queue";
import { API_VERSION, MANAGED_VM, OPEN_STACK_CLIENT } from "../../api/group.ts";
import type { ResourceClient } from "../../kubernetes/apply.ts";
import { isKubeError } from "../../kubernetes/http/api-error.ts";
import type { ReadonlyStore } from "../../kubernetes/reflector.ts";
import type { DesiredStatus } from "../../kubernetes/status/merge-status.ts";
import type { StatusWriter } from "../../kubernetes/status-writer.ts";
import { type ManagedVmRecord, toManagedVmRecord } from "./managed-vm-record.ts";
import { PERSONAL, type Personal, personalChange } from "./personal-wishes.ts";
import type { ProjectionMemory } from "./projection-memory.ts";

export const FIELD_MANAGER = "bacula-openstack-sync";

/** The OpenStackClient whose VMs are projected. */
export interface ProjectionOwner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** One VM as its ManagedVM shall show it. */
export interface DesiredManagedVm {
  readonly uuid: string;
  /** For an object that is not there yet; one that is keeps its name. */
  readonly name: string;
  readonly vmName: string;
  /** The person's fields as the headers say them; absent for a VM without a job, whose spec then stays as it is. */
  readonly personal?: Personal | undefined;
  readonly status: DesiredStatus;
}

export type ManagedVmStore = ReadonlyStore<ManagedVmRecord, "client">;

export interface ProjectionPorts {
  readonly store: ManagedVmStore;
  readonly resource: ResourceClient;
  readonly statuses: StatusWriter;
  readonly memory: ProjectionMemory;
  /** Puts the answer to a write into the store at once. */
  readonly observe: (answer: unknown) => void;
  /** Writes in flight for one client; more brings nothing (the API server is the limit). */
  readonly concurrency: number;
}

export interface Projection {
  readonly written: number;
  readonly failed: number;
  readonly firstError?: unknown;
}

/** The key under which the store's index finds the VMs of a client. */
export function clientKey(owner: Pick<ProjectionOwner, "namespace" | "name">): string {
  return `${owner.namespace}/${owner.name}`;
}

/**
 * Makes the ManagedVMs of one client show what was seen: creates those that are not there, brings a person's fields
 * back from the headers, writes each status that differs, and removes objects of VMs that are no longer known when
 * `mayForget` says that the listing was trusted. Nothing here is a source of truth, so every step may be lost or
 * repeated. One VM's failure does not stop the others.
 */
export async function projectManagedVms(
  owner: ProjectionOwner,
  desired: readonly DesiredManagedVm[],
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

  const queue = new PQueue({ concurrency: ports.concurrency });
  let written = 0;
  let failed = 0;
  let firstError: unknown;
  const step = (work: () => Promise<number>) => async () => {
    if (signal.aborted) return;
    try {
      const writes = await work();
      written += writes;
    } catch (error) {
      if (signal.aborted) return;
      failed += 1;
      firstError ??= error;
    }
  };
  for (const vm of desired) {
    const record = present.get(vm.uuid);
    present.delete(vm.uuid);
    if (record !== undefined && isInStep(vm, record, ports.memory)) continue;
    void queue.add(step(() => projectOne(owner, vm, record, ports, signal)));
    await queue.onSizeLessThan(ports.concurrency * 4);
  }
  const gone = mayForget ? [...present.values(), ...surplus] : surplus;
  for (const record of gone) {
    if (!record.isBeingDeleted) void queue.add(step(() => remove(record, ports, signal)));
  }
  await queue.onIdle();
  signal.throwIfAborted();
  return { written, failed, firstError };
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
    current = await create(owner, vm, ports, signal);
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
    current: JSON.parse(current.statusText),
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

async function create(
  owner: ProjectionOwner,
  vm: DesiredManagedVm,
  ports: ProjectionPorts,
  signal: AbortSignal,
): Promise<ManagedVmRecord> {
  const manifest = (name: string) => ({
    apiVersion: API_VERSION,
    kind: MANAGED_VM.kind,
    metadata: {
      name,
      namespace: owner.namespace,
      labels: { "app.kubernetes.io/managed-by": FIELD_MANAGER },
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: OPEN_STACK_CLIENT.kind,
          name: owner.name,
          uid: owner.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { clientRef: { name: owner.name }, uuid: vm.uuid, vmName: vm.vmName, ...personalSpec(vm.personal ?? {}) },
  });
  const options = { fieldManager: FIELD_MANAGER, signal };
  try {
    return take(await ports.resource.create(manifest(vm.name), options), ports);
  } catch (error) {
    if (!isKubeError(error, "AlreadyExists")) throw error;
    // Another VM's object has the name, such as one that is gone but not forgotten: the uuid tells them apart. One that
    // was made a moment ago is not in the store yet.
    const ref = { namespace: owner.namespace, name: vm.name };
    const holder =
      ports.store.get(`${ref.namespace}/${ref.name}`) ?? toManagedVmRecord(await ports.resource.get(ref, signal));
    if (holder.uuid === vm.uuid) throw error;
    return take(await ports.resource.create(manifest(`${vm.name.slice(0, 216)}-${vm.uuid}`), options), ports);
  }
}

async function remove(record: ManagedVmRecord, ports: ProjectionPorts, signal: AbortSignal): Promise<number> {
  try {
    await ports.resource.delete(refOf(record), { uid: record.uid }, signal);
  } catch (error) {
    if (!isKubeError(error, "NotFound")) throw error;
  }
  return 1;
}

function refOf({ namespace, name }: ManagedVmRecord) {
  return { namespace, name };
}

function take(answer: unknown, ports: ProjectionPorts): ManagedVmRecord {
  ports.observe(answer);
  return toManagedVmRecord(answer);
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

function personalSpec({ jobDefs, hold, suspend }: Personal): { readonly [K in keyof Personal]?: unknown } {
  return {
    ...(jobDefs !== undefined && { jobDefs }),
    ...(hold !== undefined && { hold: { reason: hold } }),
    ...(suspend !== undefined && { suspend: { reason: suspend } }),
  };
}
