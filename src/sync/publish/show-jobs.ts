import type { PublishedBlock } from "../../domain/publishing/published-file.ts";
import { isSameBlock } from "../../domain/publishing/published-file.ts";
import { type ShownDirectives, shownDirectives, shownOtherwise } from "../../domain/publishing/shown-directives.ts";
import type { BatchContext } from "../batch-context.ts";
import type { Answer } from "../ports.ts";
import type { PartialText } from "./partial-text.ts";
import type { Candidate } from "./publish-candidate.ts";

/** Each takes the console a tenth of a second, and the writer's lock is held meanwhile. */
const MOST_SHOWN = 40;
const MOST_OF_A_CLIENT = 8;
/** Changes of a client that are compared to find some that the Director shows. */
const MOST_COMPARED = 500;

/** A job that is to be shown, and what of it must be seen. */
export interface JobToShow {
  readonly name: string;
  readonly said: ShownDirectives;
}

/**
 * The jobs of a text by which the Director's old configuration can be told from the new one: those that it had before
 * with other directives. A few are enough, since it reads a client's published file whole: the old one, or the new one.
 */
export function changedJobs({ candidate: { proven }, blocks }: PartialText): readonly JobToShow[] {
  const jobs: JobToShow[] = [];
  let compared = 0;
  for (const block of blocks) {
    const before = proven.get(block.slug);
    if (before?.jobName !== block.jobName || isSameBlock(before, block) || before === undefined) continue;
    const said = shownDirectives(block);
    const isVisible = shownOtherwise(said, shownDirectives(before)) !== undefined;
    if (isVisible && block.jobName !== undefined) jobs.push({ name: block.jobName, said });
    if (jobs.length >= MOST_OF_A_CLIENT || ++compared >= MOST_COMPARED) break;
  }
  return jobs;
}

/** Some of a client's jobs from its whole file, the same ones each time. */
export function someJobs(blocks: readonly PublishedBlock[]): readonly JobToShow[] {
  const step = Math.max(1, Math.ceil(blocks.length / MOST_OF_A_CLIENT));
  return blocks.flatMap((block, at) =>
    at % step === 0 && block.jobName !== undefined ? [{ name: block.jobName, said: shownDirectives(block) }] : [],
  );
}

/**
 * Has the Director show jobs, some of each client, and tells of each client of which one it shows something else than is
 * published (rule 7): what it reads is then not this BASE_DIR.
 */
export async function askWhatIsOld(
  wanted: ReadonlyMap<Candidate, readonly JobToShow[]>,
  { director, signal }: Pick<BatchContext, "director" | "signal">,
): Promise<Answer<ReadonlyMap<Candidate, string>>> {
  const chosen = choose(wanted);
  if (chosen.length === 0) return { kind: "answered", value: new Map() };
  const shown = await director.showJobs(
    chosen.map(({ job }) => job.name),
    signal,
  );
  if (shown.kind === "unknown") return shown;
  const old = new Map<Candidate, string>();
  for (const { candidate, job } of chosen) {
    const now = shown.value.get(job.name);
    const other = now === undefined ? undefined : shownOtherwise(job.said, now);
    if (other === undefined) continue;
    const { directive, said } = other;
    old.set(candidate, `job ${job.name} has another ${directive} than ${JSON.stringify(said)}: ${other.shown}`);
  }
  return { kind: "answered", value: old };
}

/** In turns, so that no client takes the places of all others. */
function choose(wanted: ReadonlyMap<Candidate, readonly JobToShow[]>) {
  const chosen: { readonly candidate: Candidate; readonly job: JobToShow }[] = [];
  for (let turn = 0; turn < MOST_OF_A_CLIENT; turn++) {
    for (const [candidate, jobs] of wanted) {
      const job = jobs[turn];
      if (job !== undefined && chosen.length < MOST_SHOWN) chosen.push({ candidate, job });
    }
  }
  return chosen;
}
