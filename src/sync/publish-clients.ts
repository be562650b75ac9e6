import { createHash } from "node:crypto";
import type { ClientPolicy } from "../domain/client/client-policy.ts";
import { type PublishedBlock, parsePublished, renderPublished } from "../domain/publishing/published-file.ts";
import type { DirectorInventory } from "./director-inventory.ts";
import { type FolderVerdict, judgeFolder } from "./judge-folder.ts";
import type { PublishOutcome, VmPublishing } from "./pass-report.ts";
import type { Director, LockedTree } from "./ports.ts";
import type { PublishMemory } from "./publish-memory.ts";
import type { SyncedClient } from "./sync-client-files.ts";

export interface PublishedClient {
  readonly outcome: PublishOutcome;
  /** What is published of each folder, by slug. */
  readonly bySlug: ReadonlyMap<string, VmPublishing>;
}

/** The candidate for one client's published file. */
interface Candidate {
  readonly client: SyncedClient;
  readonly text: string;
  readonly isChanged: boolean;
  readonly jobNames: readonly string[];
  readonly withdrawnJobNames: readonly string[];
  /** As it is once the Director has taken the text. */
  readonly bySlug: ReadonlyMap<string, VmPublishing>;
  /** Folders whose block is not in force yet. */
  readonly changedSlugs: ReadonlySet<string>;
}

/**
 * Publishes the trees of all given clients with at most one reload (rule 7): swap the published files, reload, verify
 * that the Director has every published job; or put the last good bytes back. An unchanged tree is not read again.
 */
export async function publishClients(
  clients: readonly SyncedClient[],
  tree: LockedTree,
  director: Director,
  inventory: DirectorInventory,
  memory: PublishMemory,
  signal: AbortSignal,
): Promise<ReadonlyMap<ClientPolicy, PublishedClient>> {
  const published = new Map<ClientPolicy, PublishedClient>();
  const candidates: Candidate[] = [];
  const owed = await tree.reloadOwed();
  for (const client of clients) {
    const { policy } = client.item;
    const remembered = memory.get(policy.client);
    if (!owed && remembered?.treeVersion === client.tree.version) {
      published.set(policy, { outcome: { kind: "unchanged" }, bySlug: remembered.bySlug });
      continue;
    }
    const candidate = await prepare(client, tree, inventory, signal);
    if (candidate.kind === "candidate") candidates.push(candidate.candidate);
    else published.set(policy, candidate.published);
  }

  const outcomes = await swapAndReload(candidates, owed, tree, director, memory, signal);
  for (const candidate of candidates) {
    const { policy } = candidate.client.item;
    const outcome = outcomes.get(candidate) ?? { kind: "unchanged" };
    const stands = outcome.kind === "published" || outcome.kind === "unchanged";
    if (stands)
      memory.remember(policy.client, { treeVersion: candidate.client.tree.version, bySlug: candidate.bySlug });
    else memory.forget(policy.client);
    published.set(policy, { outcome, bySlug: stands ? candidate.bySlug : notYet(candidate) });
  }
  return published;
}

type Prepared =
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  | { readonly kind: "published"; readonly published: PublishedClient };

async function prepare(
  client: SyncedClient,
  tree: LockedTree,
  inventory: DirectorInventory,
  signal: AbortSignal,
): Promise<Prepared> {
  const { policy } = client.item;
  const presentText = await tree.readPublished(policy);
  const present = new Map(parsePublished(presentText ?? "").map((block) => [block.slug, block]));
  const blocks: PublishedBlock[] = [];
  const bySlug = new Map<string, VmPublishing>();
  const changedSlugs = new Set<string>();
  for (const texts of await tree.readTexts(policy, signal)) {
    const lastGood = present.get(texts.slug);
    const verdict: FolderVerdict = await judgeFolder(texts, lastGood, inventory, signal);
    if (verdict.kind === "accepted") {
      blocks.push(verdict.block);
      bySlug.set(texts.slug, { kind: "published" });
      if (verdict.isChanged) changedSlugs.add(texts.slug);
    } else if (verdict.kind === "refused") {
      if (lastGood !== undefined) blocks.push(lastGood);
      bySlug.set(texts.slug, { kind: "rejected", reason: verdict.reason, lastGoodPublished: lastGood !== undefined });
    } else if (verdict.kind === "unknown") {
      // The Director's lists cannot be read now: what is published stays, the rest waits.
      const outcome: PublishOutcome = { kind: "failed", reason: verdict.reason, detail: verdict.detail };
      return { kind: "published", published: { outcome, bySlug: asPublished(present) } };
    }
  }
  const text = renderPublished(blocks);
  const jobNames = blocks.flatMap((block) => (block.jobName === undefined ? [] : [block.jobName]));
  const kept = new Set(jobNames);
  const withdrawnJobNames = [...present.values()].flatMap(({ jobName }) =>
    jobName === undefined || kept.has(jobName) ? [] : [jobName],
  );
  const isChanged = text !== (presentText ?? renderPublished([]));
  return {
    kind: "candidate",
    candidate: { client, text, isChanged, jobNames, withdrawnJobNames, bySlug, changedSlugs },
  };
}

async function swapAndReload(
  candidates: readonly Candidate[],
  owed: boolean,
  tree: LockedTree,
  director: Director,
  memory: PublishMemory,
  signal: AbortSignal,
): Promise<ReadonlyMap<Candidate, PublishOutcome>> {
  const changed = candidates.filter(({ isChanged }) => isChanged);
  const enforced = changed.filter(({ client }) => client.item.policy.mode === "Enforce");
  const forAll = (those: readonly Candidate[], outcome: PublishOutcome) =>
    those.map((candidate) => [candidate, outcome] as const);
  const dryRun = forAll(
    changed.filter((candidate) => !enforced.includes(candidate)),
    { kind: "dryRun" },
  );
  if (enforced.length === 0 && !owed) return new Map(dryRun);

  const hash = createHash("sha256");
  for (const { text } of enforced) hash.update(text).update("\0");
  const contentHash = hash.digest("hex");
  if (enforced.length > 0 && memory.isRefused(contentHash)) {
    const detail = "the Director refused exactly this content before; it is not tried again until something changes";
    return new Map([...dryRun, ...forAll(enforced, { kind: "refused", detail })]);
  }

  const swap = await tree.swapPublished(
    new Map(enforced.map(({ client, text }) => [client.item.policy, text])),
    signal,
  );
  const reload = await director.reload(signal);
  switch (reload.kind) {
    case "refused":
      await swap.putBack();
      memory.markRefused(contentHash);
      return new Map([...dryRun, ...forAll(enforced, { kind: "refused", detail: reload.detail })]);
    case "unknown":
      await swap.putBack();
      return new Map([
        ...dryRun,
        ...forAll(enforced, { kind: "failed", reason: reload.reason, detail: reload.detail }),
      ]);
    case "busy":
      return new Map([...dryRun, ...forAll(enforced, { kind: "busy", reason: reload.reason, detail: reload.detail })]);
    case "reloaded":
      break;
    default:
      return reload satisfies never;
  }

  const jobs = await director.backupJobs(signal);
  if (jobs.kind === "unknown") {
    return new Map([...dryRun, ...forAll(enforced, { kind: "failed", reason: jobs.reason, detail: jobs.detail })]);
  }
  const outcomes = new Map<Candidate, PublishOutcome>(dryRun);
  for (const candidate of candidates) {
    if (candidate.client.item.policy.mode === "Enforce") outcomes.set(candidate, verify(candidate, owed, jobs.value));
  }
  const isVerified = [...outcomes.values()].every(
    ({ kind }) => kind === "published" || kind === "unchanged" || kind === "dryRun",
  );
  // While a job is not there (a stale mount, another configuration), the reload stays owed and the next pass tries again.
  if (isVerified) await swap.commit();
  return outcomes;
}

/** After a good reload every published job is on the Director's list and no withdrawn one is (rule 7). */
function verify(candidate: Candidate, owed: boolean, jobs: ReadonlySet<string>): PublishOutcome {
  const absent = candidate.jobNames.filter((name) => !jobs.has(name));
  const stale = candidate.withdrawnJobNames.filter((name) => jobs.has(name));
  if (absent.length === 0 && stale.length === 0) {
    return candidate.isChanged || owed ? { kind: "published", jobs: candidate.jobNames.length } : { kind: "unchanged" };
  }
  const parts = [
    absent.length > 0 ? `${absent.length} published jobs are not on its list, such as ${absent[0]}` : "",
    stale.length > 0 ? `${stale.length} withdrawn jobs still are, such as ${stale[0]}` : "",
  ].filter((part) => part !== "");
  const remedy =
    "Check that the Director's configuration includes include.conf of this BASE_DIR and sees the same files.";
  return {
    kind: "busy",
    reason: "JobListUnchanged",
    detail: `the Director reloaded, but ${parts.join(" and ")}. ${remedy}`,
  };
}

function asPublished(present: ReadonlyMap<string, PublishedBlock>): ReadonlyMap<string, VmPublishing> {
  return new Map([...present.keys()].map((slug) => [slug, { kind: "published" }]));
}

/** The text did not get to the Director: blocks that changed wait, the others are in force as before. */
function notYet({ bySlug, changedSlugs }: Candidate): ReadonlyMap<string, VmPublishing> {
  return new Map([...bySlug].map(([slug, state]) => [slug, changedSlugs.has(slug) ? { kind: "pending" } : state]));
}
