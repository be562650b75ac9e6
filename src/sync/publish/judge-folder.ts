import { isSameBlock, type PublishedBlock, publishedBlock } from "../../domain/publishing/published-file.ts";
import { checkReferences, describeMissing } from "../../domain/publishing/references.ts";
import type { DirectorInventory } from "../decide/director-inventory.ts";
import type { FolderTexts } from "../ports.ts";

export type FolderVerdict =
  /** May be published. `isChanged`: the Director does not have these bytes yet. */
  | { readonly kind: "accepted"; readonly block: PublishedBlock; readonly isChanged: boolean }
  | { readonly kind: "refused"; readonly reason: string }
  /** It cannot be judged now. */
  | { readonly kind: "unknown"; readonly reason: string; readonly detail: string };

/**
 * Judges one folder before it may reach the Director (rule 7): each file is exactly one resource with sound names, and
 * all that it refers to exists. Bytes that are published already are proved by the Director itself and asked nothing.
 */
export async function judgeFolder(
  texts: FolderTexts,
  lastGood: PublishedBlock | undefined,
  inventory: DirectorInventory,
  signal: AbortSignal,
): Promise<FolderVerdict> {
  const result = publishedBlock(texts.slug, texts);
  if (result.kind === "refused") return result;
  const { block } = result;
  if (isSameBlock(lastGood, block)) {
    return { kind: "accepted", block, isChanged: false };
  }
  if (block.directives === undefined) return { kind: "accepted", block, isChanged: true };
  if (block.fileSetName === undefined && isOurs(texts))
    return { kind: "refused", reason: "its fileset file is missing" };

  const resources = await inventory.resources(signal);
  if (resources.kind === "unknown") return resources;
  const { directives } = block;
  const jobDefs = await inventory.jobDefs(directives.jobDefs === undefined ? [] : [directives.jobDefs], signal);
  const [missing] = checkReferences(directives, resources.value, jobDefs);
  if (missing !== undefined) return { kind: "refused", reason: describeMissing(missing) };
  const { fileSet } = directives;
  if (fileSet !== undefined && fileSet !== block.fileSetName && !resources.value.fileSets.has(fileSet)) {
    return {
      kind: "refused",
      reason: `its FileSet ${JSON.stringify(fileSet)} is neither in its fileset file nor in the Director`,
    };
  }
  return { kind: "accepted", block, isChanged: true };
}

function isOurs(texts: FolderTexts): boolean {
  return texts.job?.includes("#@uuid:") === true;
}
