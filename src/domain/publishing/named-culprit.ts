import { MARK, type PublishedBlock } from "./published-file.ts";
import { resourceNames } from "./separable-changes.ts";

/**
 * The folder whose block stands at a line of a published file (from 1). Each block is one whole resource, so an error in
 * it is seen before its end, and never in the block behind it.
 */
export function slugAtLine(published: string, line: number): string | undefined {
  const above = published.split("\n", line).toReversed();
  for (const one of above) {
    const slug = MARK.exec(one)?.[1];
    if (slug !== undefined) return slug;
  }
  return undefined;
}

/**
 * Whether the Director's words name a resource of this block, as in `"Type" directive in Job "x" resource is required`
 * or `Attempt to define second "Job" resource named "x"`, where it tells no place or the other file's.
 */
export function isNamedIn(detail: string, block: PublishedBlock | undefined): boolean {
  const words = detail.toLowerCase();
  return resourceNames(block).some(({ type, name }) => {
    const named = `"${name}"`.toLowerCase();
    const kind = type.toLowerCase();
    return words.includes(`${kind} ${named}`) || words.includes(`"${kind}" resource named ${named}`);
  });
}
