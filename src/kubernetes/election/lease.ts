import { z } from "zod";
import { isKubeError } from "../http/api-error.ts";
import type { ApiTransport } from "../http/api-transport.ts";
import { collectionPath, objectPath, type Resource } from "../http/resource.ts";

const leases: Resource = { group: "coordination.k8s.io", version: "v1", plural: "leases", namespaced: true };

// Loose throughout: a Lease is written back whole, also with what others keep in it.
const leaseSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .default({}),
});

export type Lease = z.infer<typeof leaseSchema>;

export interface LeaseSpec {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  /** By `microTime`. */
  readonly renewTime: string;
  readonly acquireTime?: string;
  readonly leaseTransitions?: number;
}

/** One Lease object; every write carries the version that was read, so that of several writers one wins. */
export class LeaseRecord {
  readonly #transport: ApiTransport;
  readonly #namespace: string;
  readonly name: string;

  constructor(transport: ApiTransport, namespace: string, name: string) {
    this.#transport = transport;
    this.#namespace = namespace;
    this.name = name;
  }

  /** `undefined` when there is none yet. */
  async read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return leaseSchema.parse(await this.#transport.request({ method: "GET", path: this.#path(), signal }));
    } catch (error) {
      if (isKubeError(error, "NotFound")) return undefined;
      throw error;
    }
  }

  /** Throws `AlreadyExists` when another was faster. */
  async create(spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const metadata = { namespace: this.#namespace, name: this.name };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
    const path = collectionPath(leases, this.#namespace);
    return leaseSchema.parse(await this.#transport.request({ method: "POST", path, body, signal }));
  }

  /** Throws `Conflict` when it is no longer what was read. */
  async replace(read: Lease, spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const body = { ...read, spec: { ...read.spec, ...spec } };
    return leaseSchema.parse(await this.#transport.request({ method: "PUT", path: this.#path(), body, signal }));
  }

  #path(): string {
    return objectPath(leases, { namespace: this.#namespace, name: this.name });
  }
}

/**
 * A time as `metav1.MicroTime` wants it: with exactly six fractional digits. The API server refuses any other number
 * of them, for ever, while everything else looks healthy.
 */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("Z", "000Z");
}
