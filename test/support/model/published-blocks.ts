import { type PublishedBlock, parsePublished } from "../../../src/domain/publishing/published-file.ts";

const MOST_TEXTS = 2_000;
const read = new Map<string, readonly PublishedBlock[]>();

/** The blocks of a published file; the Director and the witness read the same texts again and again. */
export function publishedBlocks(text: string): readonly PublishedBlock[] {
  let blocks = read.get(text);
  if (blocks === undefined) {
    if (read.size > MOST_TEXTS) read.clear();
    blocks = parsePublished(text);
    read.set(text, blocks);
  }
  return blocks;
}
