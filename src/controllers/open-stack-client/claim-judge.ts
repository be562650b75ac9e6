import type { ClaimVerdict, ClientClaim } from "../../domain/client/claims.ts";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import type { ReadonlyStore } from "../../kubernetes/reflector.ts";
import { judgeVolumeClaims } from "../../sync/judge-volume-claims.ts";
import type { Volume } from "../../sync/ports.ts";
import type { OpenStackClientRecord } from "./open-stack-client-record.ts";

/** Whether this resource owns its client, prefix and folder (rule 6), judged among all that are there. */
export async function judgeClaim(
  record: OpenStackClientRecord,
  clients: ReadonlyStore<OpenStackClientRecord>,
  volume: Volume,
  signal: AbortSignal,
): Promise<ClaimVerdict> {
  const claims = [...clients.values()].flatMap((other) => {
    const identity = identityOf(other);
    return identity === undefined || other.isBeingDeleted ? [] : [claimOf(other, identity)];
  });
  return (await judgeVolumeClaims(claims, volume, signal)).get(idOf(record)) ?? GRANTED;
}

const GRANTED: ClaimVerdict = { kind: "granted", warnings: [] };

function claimOf(record: OpenStackClientRecord, identity: ClientIdentity): Omit<ClientClaim, "hasFiles"> {
  return { id: idOf(record), identity, createdAtMs: record.createdAtMs };
}

function idOf({ namespace, name }: OpenStackClientRecord): string {
  return `${namespace}/${name}`;
}

function identityOf({ spec }: OpenStackClientRecord): ClientIdentity | undefined {
  return spec.kind === "valid" ? spec.value : undefined;
}
