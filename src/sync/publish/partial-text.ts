import { type PublishedBlock, renderPublished } from "../../domain/publishing/published-file.ts";
import type { Candidate } from "./publish-candidate.ts";

/** What of one candidate is offered to the Director: all of it, or some of its changes on what was published before. */
export interface PartialText {
  readonly candidate: Candidate;
  /** Undefined: no published file, as before. */
  readonly text: string | undefined;
  readonly blocks: readonly PublishedBlock[];
  readonly jobNames: readonly string[];
  /** Published before and not in this text. */
  readonly withdrawnJobNames: readonly string[];
}

/** The whole candidate. */
export function wholeText(candidate: Candidate): PartialText {
  return withNames(candidate, candidate.text, [...candidate.wanted.values()]);
}

/** What is published now, with the changes of these folders. */
export function partialText(candidate: Candidate, changed: ReadonlySet<string>): PartialText {
  const { present, wanted, presentText } = candidate;
  const blocks = [...new Set([...present.keys(), ...wanted.keys()])].flatMap(
    (slug) => (changed.has(slug) ? wanted : present).get(slug) ?? [],
  );
  return withNames(candidate, changed.size === 0 ? presentText : renderPublished(blocks), blocks);
}

function withNames(candidate: Candidate, text: string | undefined, blocks: readonly PublishedBlock[]): PartialText {
  const jobNames = blocks.flatMap(({ jobName }) => jobName ?? []);
  const kept = new Set(jobNames);
  // While a reload is owed, what was withdrawn before it stands in `proven` alone.
  const before = [...candidate.proven.values(), ...candidate.present.values()].flatMap(({ jobName }) => jobName ?? []);
  const withdrawnJobNames = [...new Set(before)].filter((name) => !kept.has(name));
  return { candidate, text, blocks, jobNames, withdrawnJobNames };
}
