import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import { isSameBlock } from "../../domain/publishing/published-file.ts";
import type { BatchContext } from "../batch-context.ts";
import type { SyncedClient } from "../decide/sync-client-files.ts";
import type { PublishOutcome, VmPublishing } from "../pass-report.ts";
import type { FailedChange } from "../ports.ts";
import { volumeTrouble } from "../volume-trouble.ts";
import { type Reloaded, standing } from "./conclude-search.ts";
import { rejectedFileChanges } from "./keep-rejected.ts";
import { proveLoaded } from "./prove-loaded.ts";
import { type Candidate, prepareCandidate } from "./publish-candidate.ts";
import { RefusedContent } from "./refused-content.ts";
import { reloadCandidates } from "./reload-candidates.ts";

export interface PublishedClient {
  readonly outcome: PublishOutcome;
  /** What is published of each folder, by slug. */
  readonly bySlug: ReadonlyMap<string, VmPublishing>;
  /** Copies of refused files that could not be written or removed. */
  readonly failedChanges: readonly FailedChange[];
}

/**
 * Publishes the trees of all given clients with at most one reload (rule 7): swap the published files, reload, verify
 * that the Director has every published job; or put the last good bytes back and find out whose fault it was. An
 * unchanged tree is not read again.
 */
export async function publishClients(
  clients: readonly SyncedClient[],
  context: BatchContext,
): Promise<ReadonlyMap<ClientPolicy, PublishedClient>> {
  const { tree, memory } = context;
  const published = new Map<ClientPolicy, PublishedClient>();
  const candidates: Candidate[] = [];
  const owed = await tree.reloadOwed();
  const refused = await RefusedContent.open(context);
  for (const client of clients) {
    const { policy } = client.item;
    const remembered = memory.get(policy.client);
    if (!owed && remembered?.treeVersion === client.tree.version && !hasRejected(remembered.bySlug)) {
      published.set(policy, { outcome: { kind: "unchanged" }, bySlug: remembered.bySlug, failedChanges: [] });
      continue;
    }
    const prepared = await prepareCandidate(client, refused, context);
    if (prepared.kind === "candidate") candidates.push(prepared.candidate);
    else published.set(policy, { outcome: prepared.outcome, bySlug: prepared.bySlug, failedChanges: [] });
  }

  if (candidates.length === 0) return published;
  const proof = await proveLoaded(candidates, context);
  const debt = owed ? "marked" : proof.kind === "lacking" ? "unmarked" : "none";
  const outcomes = await reloadCandidates(candidates, debt, refused, context);
  for (const candidate of candidates) {
    const { policy } = candidate.client.item;
    const reloaded = outcomes.get(candidate) ?? standing({ kind: "unchanged" });
    const { outcome } = reloaded;
    const bySlug = statesAfter(candidate, reloaded);
    const failedChanges = await keepRejected(candidate, bySlug, context);
    const stands = outcome.kind === "published" || outcome.kind === "unchanged";
    const isProven = outcome.kind === "published" || proof.kind !== "unknown";
    if (stands && isProven && failedChanges.length === 0)
      memory.remember(policy.client, { treeVersion: candidate.client.tree.version, bySlug });
    else memory.forget(policy.client);
    published.set(policy, { outcome, bySlug, failedChanges });
  }
  return published;
}

/** What was refused may be sound by now: the Director may have got what was missing. */
function hasRejected(bySlug: ReadonlyMap<string, VmPublishing>): boolean {
  return [...bySlug.values()].some(({ kind }) => kind === "rejected");
}

/** Blocks that did not get to the Director wait or are rejected, the others are in force. */
function statesAfter(
  { bySlug, present, proven, wanted }: Candidate,
  { rejected, waiting }: Reloaded,
): ReadonlyMap<string, VmPublishing> {
  const states = new Map(bySlug);
  for (const [slug, { kind }] of bySlug) {
    if (kind !== "published" || (waiting !== "all" && !waiting.has(slug))) continue;
    // While a reload is owed, what stands in the published file is not what the Director has.
    if (!isSameBlock(proven.get(slug), wanted.get(slug)))
      states.set(slug, { kind: "pending", lastGoodPublished: proven.has(slug) });
  }
  for (const [slug, reason] of rejected)
    states.set(slug, { kind: "rejected", reason, lastGoodPublished: present.has(slug) });
  return states;
}

/** The copies of refused files. Trouble with them must not hide that the publish itself went well. */
async function keepRejected(
  { client, folders }: Candidate,
  bySlug: ReadonlyMap<string, VmPublishing>,
  { tree, signal }: BatchContext,
): Promise<readonly FailedChange[]> {
  const { policy } = client.item;
  const changes = policy.mode === "DryRun" ? [] : rejectedFileChanges(folders.values(), bySlug);
  if (changes.length === 0) return [];
  try {
    return await tree.write(policy, changes, signal);
  } catch (error) {
    const trouble = volumeTrouble(error);
    if (trouble === undefined) throw error;
    return changes.map(({ slug }) => ({ slug, ...trouble }));
  }
}
