import { createHash } from "node:crypto";
import { type PublishedBlock, renderPublished } from "../../domain/publishing/published-file.ts";
import type { BatchContext } from "../batch-context.ts";
import type { SyncedClient } from "../decide/sync-client-files.ts";
import type { PublishOutcome, VmPublishing } from "../pass-report.ts";
import { startTimeSlice } from "../time-slice.ts";
import { judgeFolder } from "./judge-folder.ts";
import { publishedBlocks } from "./published-blocks.ts";

/** The candidate for one client's published file. */
export interface Candidate {
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

export type Prepared =
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  | { readonly kind: "unjudged"; readonly outcome: PublishOutcome; readonly bySlug: ReadonlyMap<string, VmPublishing> };

/** One for all: a hundred thousand are remembered. */
const PUBLISHED: VmPublishing = { kind: "published" };

/** Makes the candidate: what is sound of each folder, else what of it was published last. */
export async function prepareCandidate(
  client: SyncedClient,
  { tree, inventory, signal }: BatchContext,
): Promise<Prepared> {
  const { policy } = client.item;
  const presentText = await tree.readPublished(policy);
  const present = new Map((await publishedBlocks(presentText ?? "", signal)).map((block) => [block.slug, block]));
  const slice = startTimeSlice();
  const blocks: PublishedBlock[] = [];
  const bySlug = new Map<string, VmPublishing>();
  const changedSlugs = new Map<string, boolean>();
  const names = new NamesInUse();
  const folders = await tree.readTexts(policy, signal);
  // What is published may have to stay, so its names are its folder's, also against a copy whose name sorts before it.
  for (const { slug } of folders) names.take(present.get(slug));
  for (const texts of folders) {
    if (slice.isUsedUp()) await slice.pause(signal);
    const lastGood = present.get(texts.slug);
    const judged = await judgeFolder(texts, lastGood, inventory, signal);
    const verdict = judged.kind === "accepted" ? (names.refusal(judged.block) ?? judged) : judged;
    if (verdict.kind === "accepted") {
      blocks.push(verdict.block);
      bySlug.set(texts.slug, PUBLISHED);
      if (verdict.isChanged) changedSlugs.set(texts.slug, lastGood !== undefined);
    } else if (verdict.kind === "refused") {
      if (lastGood !== undefined) blocks.push(lastGood);
      bySlug.set(texts.slug, { kind: "rejected", reason: verdict.reason, lastGoodPublished: lastGood !== undefined });
    } else if (verdict.kind === "unknown") {
      // The Director's lists cannot be read now: what is published stays, the rest waits.
      const outcome: PublishOutcome = { kind: "failed", reason: verdict.reason, detail: verdict.detail };
      return { kind: "unjudged", outcome, bySlug: asPublished(present) };
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

/** A second resource of one name would make the Director refuse its whole configuration (parse_conf.c). */
class NamesInUse {
  readonly #slugs = new Map<string, string>();

  take(block: PublishedBlock | undefined): void {
    for (const [type, name] of namesOf(block)) this.#slugs.set(`${type} ${name}`, block?.slug ?? "");
  }

  /** Refuses a block whose Job or FileSet another folder has already, such as a copied one; else takes its names. */
  refusal(block: PublishedBlock): { readonly kind: "refused"; readonly reason: string } | undefined {
    for (const [type, name] of namesOf(block)) {
      const other = this.#slugs.get(`${type} ${name}`);
      if (other !== undefined && other !== block.slug)
        return { kind: "refused", reason: `${type} ${JSON.stringify(name)} is also in folder ${other}` };
    }
    this.take(block);
    return undefined;
  }
}

function namesOf(block: PublishedBlock | undefined): readonly (readonly ["Job" | "FileSet", string])[] {
  const { jobName, fileSetName } = block ?? {};
  return [
    ...(jobName === undefined ? [] : [["Job", jobName] as const]),
    ...(fileSetName === undefined ? [] : [["FileSet", fileSetName] as const]),
  ];
}

/** Names the content that the Director took or refused. */
export function hashOf({ text }: Candidate): string {
  return createHash("sha256").update(text).digest("hex");
}

function asPublished(present: ReadonlyMap<string, PublishedBlock>): ReadonlyMap<string, VmPublishing> {
  return new Map([...present.keys()].map((slug) => [slug, PUBLISHED]));
}
