import type { ResourceClient } from "../../kubernetes/apply.ts";
import type { ReadonlyStore } from "../../kubernetes/reflector.ts";
import type { StatusWriter } from "../../kubernetes/status-writer.ts";
import type { ManagedVmRecord } from "./managed-vm-record.ts";
import type { ProjectionMemory } from "./projection-memory.ts";

export const FIELD_MANAGER = "bacula-openstack-sync";

/** The OpenStackClient whose VMs are projected. */
export interface ProjectionOwner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export type ManagedVmStore = ReadonlyStore<ManagedVmRecord, "client">;

export interface ProjectionPorts {
  readonly store: ManagedVmStore;
  readonly resource: ResourceClient;
  readonly statuses: StatusWriter;
  readonly memory: ProjectionMemory;
  /** Puts the answer to a write into the store at once; answers what is kept of it, `undefined` when it is no ManagedVM. */
  readonly observe: (answer: unknown) => ManagedVmRecord | undefined;
  /** Writes in flight for one client; more brings nothing (the API server is the limit). */
  readonly concurrency: number;
}

/** The key under which the store's index finds the VMs of a client. */
export function clientKey(owner: Pick<ProjectionOwner, "namespace" | "name">): string {
  return `${owner.namespace}/${owner.name}`;
}
