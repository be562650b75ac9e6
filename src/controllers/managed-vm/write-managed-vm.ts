import { API_VERSION, MANAGED_VM, OPEN_STACK_CLIENT } from "../../api/group.ts";
import type { Personal } from "../../domain/jobfile/personal-headers.ts";
import { isKubeError, KubeApiError } from "../../kubernetes/http/api-error.ts";
import type { ObjectRef } from "../../kubernetes/http/resource.ts";
import { type ManagedVmRecord, toManagedVmRecord } from "./managed-vm-record.ts";
import { FIELD_MANAGER, type ProjectionOwner, type ProjectionPorts } from "./projection-ports.ts";
import type { ShownVm } from "./shown-vm.ts";

/**
 * Makes the object of one VM; under a longer name when another VM's has its own. Throws `KubeApiError`, `AlreadyExists`
 * when this VM has an object already.
 */
export async function createManagedVm(
  owner: ProjectionOwner,
  vm: ShownVm,
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

/** Deletes the object, if it still is the one that was seen; answers the number of writes. */
export async function removeManagedVm(
  record: ManagedVmRecord,
  ports: ProjectionPorts,
  signal: AbortSignal,
): Promise<number> {
  try {
    await ports.resource.delete(refOf(record), { uid: record.uid }, signal);
  } catch (error) {
    if (!isKubeError(error, "NotFound")) throw error;
  }
  return 1;
}

export function refOf({ namespace, name }: ManagedVmRecord): ObjectRef {
  return { namespace, name };
}

/** What the answer to a write says, and into the store with it. */
export function take(answer: unknown, ports: Pick<ProjectionPorts, "observe">): ManagedVmRecord {
  const record = ports.observe(answer);
  if (record === undefined) {
    const message = "the answer to a write is no ManagedVM";
    throw new KubeApiError({ code: "UnexpectedAnswer", httpStatus: 0, message });
  }
  return record;
}

/** A person's fields as a ManagedVM's spec has them. */
export function personalSpec({ jobDefs, hold, suspend }: Personal): { readonly [K in keyof Personal]?: unknown } {
  return {
    ...(jobDefs !== undefined && { jobDefs }),
    ...(hold !== undefined && { hold: { reason: hold } }),
    ...(suspend !== undefined && { suspend: { reason: suspend } }),
  };
}
