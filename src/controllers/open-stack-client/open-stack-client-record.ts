import { z } from "zod";
import { ANNOTATIONS } from "../../api/group.ts";
import { type OpenStackClientSpec, openStackClientSpec } from "../../api/open-stack-client.ts";

/** An OpenStackClient as the operator keeps it; there are few of them, so the status is kept as it is. */
export interface OpenStackClientRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly createdAtMs: number;
  readonly isBeingDeleted: boolean;
  /** Value of the annotation `requested-at`. */
  readonly requestedAt?: string | undefined;
  /** Value of the annotation `approve-removal`. */
  readonly approveRemoval?: string | undefined;
  /** Value of the annotation `take-over`. */
  readonly takeOver?: string | undefined;
  readonly spec: SpecReading;
  readonly status: Readonly<Record<string, unknown>>;
}

/** The API server refuses a wrong spec, but one that was stored under an older CRD may still be there. */
export type SpecReading =
  | { readonly kind: "valid"; readonly value: OpenStackClientSpec }
  | { readonly kind: "invalid"; readonly problem: string };

const wire = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.unknown(),
  status: z.record(z.string(), z.unknown()).optional(),
});

/** Reads an object as the API server sends it; throws a ZodError when it has no metadata. */
export function toOpenStackClientRecord(raw: unknown): OpenStackClientRecord {
  const { metadata, spec, status } = wire.parse(raw);
  const parsed = openStackClientSpec.safeParse(spec);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation,
    createdAtMs: Date.parse(metadata.creationTimestamp),
    isBeingDeleted: metadata.deletionTimestamp !== undefined,
    requestedAt: metadata.annotations?.[ANNOTATIONS.requestedAt],
    approveRemoval: metadata.annotations?.[ANNOTATIONS.approveRemoval],
    takeOver: metadata.annotations?.[ANNOTATIONS.takeOver],
    spec: parsed.success
      ? { kind: "valid", value: parsed.data }
      : { kind: "invalid", problem: z.prettifyError(parsed.error) },
    status: status ?? {},
  };
}
