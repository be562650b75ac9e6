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
  /** Folders whose block is not in force yet, and whether an older one of theirs is. */
  readonly changedSlugs: ReadonlyMap<string, boolean>;
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
  const changedSlugs = new Map<string, boolean>();
  for (const texts of await tree.readTexts(policy, signal)) {
    const lastGood = present.get(texts.slug);
    const verdict: FolderVerdict = await judgeFolder(texts, lastGood, inventory, signal);
    if (verdict.kind === "accepted") {
      blocks.push(verdict.block);
      bySlug.set(texts.slug, { kind: "published" });
      if (verdict.isChanged) changedSlugs.set(texts.slug, lastGood !== undefined);
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

type Outcomes = ReadonlyMap<Candidate, PublishOutcome>;

/** Dry runs and content that was refused before keep out; the rest is swapped in and reloaded together. */
async function swapAndReload(
  candidates: readonly Candidate[],
  owed: boolean,
  tree: LockedTree,
  director: Director,
  memory: PublishMemory,
  signal: AbortSignal,
): Promise<Outcomes> {
  const outcomes = new Map<Candidate, PublishOutcome>();
  const enforced: Candidate[] = [];
  for (const candidate of candidates) {
    const isDryRun = candidate.client.item.policy.mode === "DryRun";
    if (isDryRun) outcomes.set(candidate, candidate.isChanged ? { kind: "dryRun" } : { kind: "unchanged" });
    else if (candidate.isChanged && memory.isRefused(hashOf(candidate))) outcomes.set(candidate, REFUSED_BEFORE);
    else enforced.push(candidate);
  }
  if (!owed && !enforced.some(({ isChanged }) => isChanged)) return outcomes;
  const reloaded = await reloadTogether(enforced, owed, tree, director, memory, signal);
  return new Map([...outcomes, ...reloaded]);
}

const REFUSED_BEFORE: PublishOutcome = {
  kind: "refused",
  detail: "the Director refused exactly this content before; it is not asked again until something changes",
};

/**
 * One swap and one reload for all given candidates. When the Director refuses several clients at once, each is tried
 * alone: one client's trouble must not keep the others' new VMs unprotected.
 */
async function reloadTogether(
  candidates: readonly Candidate[],
  owed: boolean,
  tree: LockedTree,
  director: Director,
  memory: PublishMemory,
  signal: AbortSignal,
): Promise<Outcomes> {
  const changed = candidates.filter(({ isChanged }) => isChanged);
  const texts = new Map(changed.map(({ client, text }) => [client.item.policy, text]));
  const swap = await tree.swapPublished(texts, signal);
  const reload = await director.reload(signal);
  const forChanged = (outcome: PublishOutcome) => new Map(changed.map((candidate) => [candidate, outcome]));
  switch (reload.kind) {
    case "refused": {
      await swap.putBack();
      const [first, ...others] = changed;
      if (first === undefined) return new Map();
      if (others.length === 0) {
        memory.markRefused(hashOf(first));
        return forChanged({ kind: "refused", detail: reload.detail });
      }
      const outcomes = new Map<Candidate, PublishOutcome>();
      for (const candidate of changed) {
        const alone = await reloadTogether([candidate], false, tree, director, memory, signal);
        for (const [key, outcome] of alone) outcomes.set(key, outcome);
      }
      return outcomes;
    }
    case "unknown":
      await swap.putBack();
      return forChanged({ kind: "failed", reason: reload.reason, detail: reload.detail });
    case "busy":
      return forChanged({ kind: "busy", reason: reload.reason, detail: reload.detail });
    case "reloaded":
      break;
    default:
      return reload satisfies never;
  }
  const jobs = await director.backupJobs(signal);
  if (jobs.kind === "unknown") return forChanged({ kind: "failed", reason: jobs.reason, detail: jobs.detail });
  const outcomes = new Map(candidates.map((candidate) => [candidate, verify(candidate, owed, jobs.value)]));
  const isVerified = [...outcomes.values()].every(({ kind }) => kind === "published" || kind === "unchanged");
  // While a job is not there (a stale mount, another configuration), the reload stays owed and the next pass tries again.
  if (isVerified) await swap.commit();
  return outcomes;
}

function hashOf({ text }: Candidate): string {
  return createHash("sha256").update(text).digest("hex");
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
  return new Map(
    [...bySlug].map(([slug, state]) => {
      const lastGoodPublished = changedSlugs.get(slug);
      return [slug, lastGoodPublished === undefined ? state : { kind: "pending", lastGoodPublished }];
    }),
  );
}
