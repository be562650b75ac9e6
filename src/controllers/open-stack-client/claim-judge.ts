import { type ClaimVerdict, type ClientClaim, judgeClaims } from "../../domain/client/claims.ts";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import type { ReadonlyStore } from "../../kubernetes/reflector.ts";
import { hasJobFiles } from "../../sync/has-job-files.ts";
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
  const byAge = judgeClaims(claims);
  if ([...byAge.values()].every(({ kind }) => kind === "granted")) return byAge.get(idOf(record)) ?? GRANTED;
  // Only where two claim the same does the volume say who worked here before.
  const files = await hasJobFiles(
    claims.map(({ identity }) => identity),
    volume,
    signal,
  );
  const informed = claims.map((claim, index) => ({ ...claim, hasFiles: files[index] === true }));
  return judgeClaims(informed).get(idOf(record)) ?? GRANTED;
}

const GRANTED: ClaimVerdict = { kind: "granted", warnings: [] };

function claimOf(record: OpenStackClientRecord, identity: ClientIdentity): ClientClaim {
  return { id: idOf(record), identity, hasFiles: false, createdAtMs: record.createdAtMs };
}

function idOf({ namespace, name }: OpenStackClientRecord): string {
  return `${namespace}/${name}`;
}

function identityOf({ spec }: OpenStackClientRecord): ClientIdentity | undefined {
  return spec.kind === "valid" ? spec.value : undefined;
}
