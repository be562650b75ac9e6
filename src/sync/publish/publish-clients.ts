import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { BatchContext } from "../batch-context.ts";
import type { SyncedClient } from "../decide/sync-client-files.ts";
import type { PublishOutcome, VmPublishing } from "../pass-report.ts";
import { proveLoaded } from "./prove-loaded.ts";
import { type Candidate, prepareCandidate } from "./publish-candidate.ts";
import { reloadCandidates } from "./reload-candidates.ts";

export interface PublishedClient {
  readonly outcome: PublishOutcome;
  /** What is published of each folder, by slug. */
  readonly bySlug: ReadonlyMap<string, VmPublishing>;
}

/**
 * Publishes the trees of all given clients with at most one reload (rule 7): swap the published files, reload, verify
 * that the Director has every published job; or put the last good bytes back. An unchanged tree is not read again.
 */
export async function publishClients(
  clients: readonly SyncedClient[],
  context: BatchContext,
): Promise<ReadonlyMap<ClientPolicy, PublishedClient>> {
  const { tree, memory } = context;
  const published = new Map<ClientPolicy, PublishedClient>();
  const candidates: Candidate[] = [];
  const owed = await tree.reloadOwed();
  for (const client of clients) {
    const { policy } = client.item;
    const remembered = memory.get(policy.client);
    if (!owed && remembered?.treeVersion === client.tree.version && !hasRejected(remembered.bySlug)) {
      published.set(policy, { outcome: { kind: "unchanged" }, bySlug: remembered.bySlug });
      continue;
    }
    const candidate = await prepareCandidate(client, context);
    if (candidate.kind === "candidate") candidates.push(candidate.candidate);
    else published.set(policy, { outcome: candidate.outcome, bySlug: candidate.bySlug });
  }

  if (candidates.length === 0) return published;
  const proof = await proveLoaded(candidates, context);
  const outcomes = await reloadCandidates(candidates, owed || proof.kind === "lacking", context);
  for (const candidate of candidates) {
    const { policy } = candidate.client.item;
    const outcome = outcomes.get(candidate) ?? { kind: "unchanged" };
    const stands = outcome.kind === "published" || outcome.kind === "unchanged";
    if (stands && (outcome.kind === "published" || proof.kind !== "unknown"))
      memory.remember(policy.client, { treeVersion: candidate.client.tree.version, bySlug: candidate.bySlug });
    else memory.forget(policy.client);
    published.set(policy, { outcome, bySlug: stands ? candidate.bySlug : notYet(candidate) });
  }
  return published;
}

/** What was refused may be sound by now: the Director may have got what was missing. */
function hasRejected(bySlug: ReadonlyMap<string, VmPublishing>): boolean {
  return [...bySlug.values()].some(({ kind }) => kind === "rejected");
}

/** The text did not get to the Director: blocks that changed wait, the others are in force as before. */
function notYet({ bySlug, changedSlugs }: Candidate): ReadonlyMap<string, VmPublishing> {
  return new Map(
    [...bySlug].map(([slug, state]) => {
      const lastGoodPublished = changedSlugs.get(slug);
      return [slug, lastGoodPublished === undefined ? state : { kind: "pending", lastGoodPublished }];
    }),
  );
}
