import { type PublishedBlock, readPublishedBlocks } from "../../domain/publishing/published-file.ts";
import { startTimeSlice } from "../time-slice.ts";

/** The blocks of a published file; other work runs in between. */
export async function publishedBlocks(text: string, signal: AbortSignal): Promise<readonly PublishedBlock[]> {
  const slice = startTimeSlice();
  const blocks: PublishedBlock[] = [];
  for (const block of readPublishedBlocks(text)) {
    if (slice.isUsedUp()) await slice.pause(signal);
    blocks.push(block);
  }
  return blocks;
}
