import { z } from "zod";
import type { Personal } from "../../domain/jobfile/personal-headers.ts";
import { type PackedStatus, packStatus } from "./packed-status.ts";

/**
 * What the operator keeps in memory of one ManagedVM: its spec, and its status packed. A hundred thousand of them must
 * fit, so the status is unpacked only when it is to be compared.
 */
export interface ManagedVmRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** Name of its OpenStackClient, in the same namespace. */
  readonly client: string;
  readonly uuid: string;
  readonly vmName: string;
  readonly personal: Personal;
  readonly observedGeneration?: number | undefined;
  readonly status: PackedStatus;
  readonly isBeingDeleted: boolean;
}

const wire = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({
    clientRef: z.object({ name: z.string() }),
    uuid: z.string(),
    vmName: z.string(),
    jobDefs: z.string().optional(),
    hold: z.object({ reason: z.string() }).optional(),
    suspend: z.object({ reason: z.string() }).optional(),
  }),
  status: z.looseObject({ observedGeneration: z.number().optional() }).optional(),
});

/** Reads an object as the API server sends it; throws a ZodError when it is no ManagedVM. */
export function toManagedVmRecord(raw: unknown): ManagedVmRecord {
  const { metadata, spec, status } = wire.parse(raw);
  const { jobDefs, hold, suspend } = spec;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation,
    client: spec.clientRef.name,
    uuid: spec.uuid.toLowerCase(),
    vmName: spec.vmName,
    personal: definedOnly({ jobDefs, hold: hold?.reason, suspend: suspend?.reason }),
    observedGeneration: status?.observedGeneration,
    status: packStatus(status ?? {}),
    isBeingDeleted: metadata.deletionTimestamp !== undefined,
  };
}

/** One for all of whom nobody said anything. */
const NOTHING: Personal = {};

function definedOnly({ jobDefs, hold, suspend }: Personal): Personal {
  if (jobDefs === undefined && hold === undefined && suspend === undefined) return NOTHING;
  return {
    ...(jobDefs !== undefined && { jobDefs }),
    ...(hold !== undefined && { hold }),
    ...(suspend !== undefined && { suspend }),
  };
}
