import type { PersonalWishes } from "../../sync/decide/plan-client.ts";
import type { ManagedVmRecord } from "./managed-vm-record.ts";
import { personalChange } from "./personal-wishes.ts";
import { clientKey, type ManagedVmStore, type ProjectionOwner } from "./projection-ports.ts";

/** What people say in the ManagedVMs of one client at this moment, for the pass to compare with the headers. */
export function personalWishesOf(
  owner: Pick<ProjectionOwner, "namespace" | "name">,
  store: ManagedVmStore,
): PersonalWishes {
  const specs = new Map<string, ManagedVmRecord>();
  for (const key of store.index("client", clientKey(owner))) {
    const record = store.get(key);
    if (record === undefined || record.isBeingDeleted || specs.has(record.uuid)) continue;
    if (record.generation !== record.observedGeneration) specs.set(record.uuid, record);
  }
  return (headers) => {
    const spec = specs.get(headers.uuid);
    return spec === undefined ? undefined : personalChange(spec, headers);
  };
}
