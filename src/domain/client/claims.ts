import type { ClientIdentity } from "./client-policy.ts";

/** One resource or line that says "this is my client". */
export interface ClientClaim {
  /** Unique and for people: `bacula/dc1-os1`, `clients.conf line 7`. */
  readonly id: string;
  readonly identity: ClientIdentity;
  /** Job files with this `#@client` exist in its folder: it has worked here before. */
  readonly hasFiles: boolean;
  /** When the resource was made, ms; of the lines of one file the first is the oldest, so it is their number. */
  readonly createdAtMs: number;
}

export type ClaimedName = "client" | "jobPrefix" | "folder";

export type ClaimVerdict =
  /** May work. `warnings`: what is legal and easily mistaken. */
  | { readonly kind: "granted"; readonly warnings: readonly string[] }
  /** Stopped: it touches nothing until the other is gone. */
  | { readonly kind: "refused"; readonly claimed: ClaimedName; readonly winner: string; readonly reason: string };

const CLAIMS: readonly {
  readonly claimed: ClaimedName;
  readonly what: string;
  readonly nameIn: (identity: ClientIdentity) => string;
}[] = [
  { claimed: "client", what: "client", nameIn: ({ client }) => client },
  { claimed: "jobPrefix", what: "jobPrefix", nameIn: ({ jobPrefix }) => jobPrefix },
  {
    claimed: "folder",
    what: "datacenter and openstack",
    nameIn: ({ datacenter, openstack }) => `${datacenter}/${openstack}`,
  },
];

/**
 * Rule 6: one client never touches another's jobs, so client, jobPrefix and (datacenter, openstack) are each one
 * client's. Of several that claim the same the one whose job files exist wins, else the older, else the first by id.
 * A loser blocks nobody: what it alone stood in the way of is granted. Names are compared without case, as the
 * Director does. The order of the claims does not matter.
 */
export function judgeClaims(claims: readonly ClientClaim[]): ReadonlyMap<string, ClaimVerdict> {
  const granted: ClientClaim[] = [];
  const owners = new Map<string, ClientClaim>();
  const verdicts = new Map<string, ClaimVerdict>();
  for (const claim of claims.toSorted(byRight)) {
    const lost = CLAIMS.flatMap((rule) => {
      const winner = owners.get(keyOf(rule, claim));
      return winner === undefined ? [] : [refusal(rule, claim, winner)];
    });
    const [first] = lost;
    if (first !== undefined) {
      verdicts.set(claim.id, first);
      continue;
    }
    granted.push(claim);
    for (const rule of CLAIMS) owners.set(keyOf(rule, claim), claim);
  }
  const prefixes = granted.map((claim) => ({ claim, prefix: claim.identity.jobPrefix.toLowerCase() }));
  for (const claim of granted) verdicts.set(claim.id, { kind: "granted", warnings: prefixWarnings(claim, prefixes) });
  return verdicts;
}

function byRight(a: ClientClaim, b: ClientClaim): number {
  if (a.hasFiles !== b.hasFiles) return a.hasFiles ? -1 : 1;
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs - b.createdAtMs;
  return a.id < b.id ? -1 : 1;
}

function keyOf(rule: (typeof CLAIMS)[number], claim: ClientClaim): string {
  return `${rule.claimed} ${rule.nameIn(claim.identity).toLowerCase()}`;
}

function refusal(
  { claimed, what, nameIn }: (typeof CLAIMS)[number],
  claim: ClientClaim,
  winner: ClientClaim,
): Extract<ClaimVerdict, { kind: "refused" }> {
  const why = winner.hasFiles && !claim.hasFiles ? "whose job files exist" : "which was first";
  const reason = `${what} ${nameIn(claim.identity)} belongs to ${winner.id}, ${why}. Nothing is done here. Give it another ${what}, or delete one of the two`;
  return { kind: "refused", claimed, winner: winner.id, reason };
}

/** Legal, since jobs are told apart by their Client; a person who greps for the shorter prefix finds both. */
function prefixWarnings(
  claim: ClientClaim,
  granted: readonly { readonly claim: ClientClaim; readonly prefix: string }[],
): readonly string[] {
  const { jobPrefix } = claim.identity;
  const prefix = jobPrefix.toLowerCase();
  return granted
    .filter((other) => other.claim !== claim && (other.prefix.startsWith(prefix) || prefix.startsWith(other.prefix)))
    .map(({ claim: other }) =>
      other.identity.jobPrefix.length > jobPrefix.length
        ? `jobPrefix ${jobPrefix} also begins ${other.identity.jobPrefix} of ${other.id}`
        : `jobPrefix ${jobPrefix} begins with ${other.identity.jobPrefix} of ${other.id}`,
    )
    .toSorted();
}
