import { createHash } from "node:crypto";
import { type PublishedBlock, parsePublished, renderPublished } from "../../domain/publishing/published-file.ts";
import type { BatchContext } from "../batch-context.ts";
import type { SyncedClient } from "../decide/sync-client-files.ts";
import type { PublishOutcome, VmPublishing } from "../pass-report.ts";
import { judgeFolder } from "./judge-folder.ts";

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

/** Makes the candidate: what is sound of each folder, else what of it was published last. */
export async function prepareCandidate(
  client: SyncedClient,
  { tree, inventory, signal }: BatchContext,
): Promise<Prepared> {
  const { policy } = client.item;
  const presentText = await tree.readPublished(policy);
  const present = new Map(parsePublished(presentText ?? "").map((block) => [block.slug, block]));
  const blocks: PublishedBlock[] = [];
  const bySlug = new Map<string, VmPublishing>();
  const changedSlugs = new Map<string, boolean>();
  for (const texts of await tree.readTexts(policy, signal)) {
    const lastGood = present.get(texts.slug);
    const verdict = await judgeFolder(texts, lastGood, inventory, signal);
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

/** Names the content that the Director took or refused. */
export function hashOf({ text }: Candidate): string {
  return createHash("sha256").update(text).digest("hex");
}

function asPublished(present: ReadonlyMap<string, PublishedBlock>): ReadonlyMap<string, VmPublishing> {
  return new Map([...present.keys()].map((slug) => [slug, { kind: "published" }]));
}
