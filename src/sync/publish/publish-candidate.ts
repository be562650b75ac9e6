import { type PublishedBlock, renderPublished } from "../../domain/publishing/published-file.ts";
import { resourceNames } from "../../domain/publishing/separable-changes.ts";
import type { BatchContext } from "../batch-context.ts";
import type { SyncedClient } from "../decide/sync-client-files.ts";
import type { PublishOutcome, VmPublishing } from "../pass-report.ts";
import type { FolderTexts } from "../ports.ts";
import { startTimeSlice } from "../time-slice.ts";
import { judgeFolder } from "./judge-folder.ts";
import { publishedBlocks } from "./published-blocks.ts";
import { blockHash, type RefusedContent } from "./refused-content.ts";

/** Blocks of one published file, by slug. */
export type Blocks = ReadonlyMap<string, PublishedBlock>;

/** The candidate for one client's published file. */
export interface Candidate {
  readonly client: SyncedClient;
  /** What is published; undefined: nothing ever was. */
  readonly presentText: string | undefined;
  readonly present: Blocks;
  /** What the last proven reload left in force: `present`, unless a reload is owed. */
  readonly proven: Blocks;
  readonly wanted: Blocks;
  readonly text: string;
  readonly isChanged: boolean;
  /** As it is once the Director has taken the text. */
  readonly bySlug: ReadonlyMap<string, VmPublishing>;
  /** Folders whose `job.rejected` may have to be written or removed, by slug. */
  readonly folders: ReadonlyMap<string, FolderTexts>;
}

export type Prepared =
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  | { readonly kind: "unjudged"; readonly outcome: PublishOutcome; readonly bySlug: ReadonlyMap<string, VmPublishing> };

/** One for all: a hundred thousand are remembered. */
const PUBLISHED: VmPublishing = { kind: "published" };

/** Makes the candidate: what is sound of each folder, else what of it was published last. */
export async function prepareCandidate(
  client: SyncedClient,
  refused: RefusedContent,
  { tree, inventory, memory, signal }: BatchContext,
): Promise<Prepared> {
  const { policy } = client.item;
  const presentText = await tree.readPublished(policy);
  const present = await blocksBySlug(presentText, signal);
  const provenText = await tree.readProven(policy);
  const proven = provenText === presentText ? present : await blocksBySlug(provenText, signal);
  const slice = startTimeSlice();
  const wanted = new Map<string, PublishedBlock>();
  const bySlug = new Map<string, VmPublishing>();
  const touched = new Map<string, FolderTexts>();
  const names = new NamesInUse();
  const folders = await tree.readTexts(policy, signal);
  // What is published may have to stay, so its names are its folder's, also against a copy whose name sorts before it.
  for (const { slug } of folders) names.take(present.get(slug));
  for (const texts of folders) {
    if (slice.isUsedUp()) await slice.pause(signal);
    const { slug } = texts;
    const lastGood = present.get(slug);
    const judged = await judgeFolder(texts, lastGood, inventory, signal);
    if (judged.kind === "unknown") {
      // The Director's lists cannot be read now: what is published stays, the rest waits.
      const outcome: PublishOutcome = { kind: "failed", reason: judged.reason, detail: judged.detail };
      return { kind: "unjudged", outcome, bySlug: asBefore(present, memory.get(policy.client)?.bySlug) };
    }
    const refusal =
      judged.kind === "refused"
        ? judged.reason
        : ((judged.isChanged
            ? await refused.blockReason(blockHash(policy, slug, judged.block, lastGood))
            : undefined) ?? names.refusal(judged.block));
    if (refusal !== undefined || texts.rejected !== undefined || (judged.kind === "accepted" && judged.isChanged))
      touched.set(slug, texts);
    if (judged.kind === "accepted" && refusal === undefined) {
      wanted.set(slug, judged.block);
      bySlug.set(slug, PUBLISHED);
    } else {
      if (lastGood !== undefined) wanted.set(slug, lastGood);
      bySlug.set(slug, { kind: "rejected", reason: refusal ?? "", lastGoodPublished: lastGood !== undefined });
    }
  }
  for (const [slug, block] of present) {
    // A block without a folder goes, unless the Director was seen to refuse its configuration without it.
    if (bySlug.has(slug)) continue;
    const reason = await refused.blockReason(blockHash(policy, slug, undefined, block));
    if (reason === undefined) continue;
    wanted.set(slug, block);
    bySlug.set(slug, { kind: "rejected", reason, lastGoodPublished: true });
  }
  const text = renderPublished([...wanted.values()]);
  const isChanged = text !== (presentText ?? renderPublished([]));
  const common = { client, presentText, present, proven, isChanged, bySlug, folders: touched };
  // After a start every client of a batch is a candidate: what is equal is kept once.
  const candidate =
    isChanged || presentText === undefined
      ? { ...common, wanted, text }
      : { ...common, wanted: present, text: presentText };
  return { kind: "candidate", candidate };
}

async function blocksBySlug(text: string | undefined, signal: AbortSignal): Promise<Blocks> {
  return new Map((await publishedBlocks(text ?? "", signal)).map((block) => [block.slug, block]));
}

/** A second resource of one name would make the Director refuse its whole configuration (parse_conf.c). */
class NamesInUse {
  readonly #slugs = new Map<string, string>();

  take(block: PublishedBlock | undefined): void {
    for (const { type, name } of resourceNames(block)) this.#slugs.set(`${type} ${name}`, block?.slug ?? "");
  }

  /** Why a block whose Job or FileSet another folder has already, such as a copied one, is refused; else takes its names. */
  refusal(block: PublishedBlock): string | undefined {
    for (const { type, name } of resourceNames(block)) {
      const other = this.#slugs.get(`${type} ${name}`);
      if (other !== undefined && other !== block.slug)
        return `${type} ${JSON.stringify(name)} is also in folder ${other}`;
    }
    this.take(block);
    return undefined;
  }
}

/** Trouble of the whole client changes nothing of what is known of its VMs. */
function asBefore(
  present: Blocks,
  remembered: ReadonlyMap<string, VmPublishing> = new Map(),
): ReadonlyMap<string, VmPublishing> {
  const rejected = [...remembered].filter(([, { kind }]) => kind === "rejected");
  return new Map([...[...present.keys()].map((slug) => [slug, PUBLISHED] as const), ...rejected]);
}
