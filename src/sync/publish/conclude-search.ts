import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";
import { type Change, type FoundCulprits, type Refusal, slugsOf } from "./find-culprits.ts";
import { offerTexts, type Seen } from "./offer-texts.ts";
import { partialText } from "./partial-text.ts";
import type { Candidate } from "./publish-candidate.ts";
import { blockHash, type RefusedContent, textHash } from "./refused-content.ts";

/** What became of one candidate. */
export interface Reloaded {
  readonly outcome: PublishOutcome;
  /** Folders that the Director refuses, with the reason. */
  readonly rejected: ReadonlyMap<string, string>;
  /** Folders whose change is not in force for another cause. */
  readonly waiting: "all" | ReadonlySet<string>;
}

export type Outcomes = ReadonlyMap<Candidate, Reloaded>;

/** Nothing new of the candidate is in force. */
export function allWait(outcome: PublishOutcome): Reloaded {
  return { outcome, rejected: new Map(), waiting: "all" };
}

/** All of the candidate is in force. */
export function standing(outcome: PublishOutcome): Reloaded {
  return { outcome, rejected: new Map(), waiting: new Set() };
}

/** The Director took what was new; `isNew` false: there was nothing. */
export function taken(candidate: Candidate, seen: ReadonlyMap<Candidate, Seen>, isNew: boolean): Reloaded {
  const looked = seen.get(candidate);
  if (looked?.kind === "busy" || looked?.kind === "reloadLeft") return allWait(looked);
  return standing(isNew && looked !== undefined ? { kind: "published", jobs: looked.jobs } : { kind: "unchanged" });
}

/**
 * What a search for culprits means for each candidate. Culprits are remembered, so that they are not offered again.
 * What the search has left open goes on: without the culprits it is another text, and one client's trouble must not keep
 * the others' new VMs unprotected, so each client's part is offered alone.
 */
export async function concludeSearch(
  candidates: readonly Candidate[],
  refusal: Refusal,
  found: FoundCulprits,
  refused: RefusedContent,
  context: BatchContext,
): Promise<Outcomes> {
  await noteCulprits(found, refusal, refused);
  const offered = await offerWhatIsLeft(candidates, found, context);
  if (context.leavesReload) await leaveInPlace(candidates, offered.sound, context);
  const outcomes = new Map(
    candidates.map((candidate) => [candidate, outcomeOf(candidate, refusal, { ...found, ...offered })]),
  );
  await noteTexts(outcomes, found, refusal, refused);
  return outcomes;
}

type Left = Pick<FoundCulprits, "sound" | "unjudged" | "seen" | "stopped">;

async function offerWhatIsLeft(
  candidates: readonly Candidate[],
  found: FoundCulprits,
  context: BatchContext,
): Promise<Left> {
  let { sound, unjudged, seen, stopped }: Left = found;
  if (stopped !== undefined || found.isOutside) return { sound, unjudged, seen, stopped };
  const together = found.culprits.length > 0 ? [found.unjudged] : [];
  const alone = candidates.map((candidate) => found.unjudged.filter((change) => change.candidate === candidate));
  for (const group of [...together, ...(candidates.length > 1 ? alone : [])]) {
    const left = new Set(unjudged);
    const open = group.filter((change) => left.has(change));
    if (open.length === 0) continue;
    const applied: readonly Change[] = [...sound, ...open];
    const texts = candidates.map((candidate) => partialText(candidate, slugsOf(candidate, applied)));
    const answer = await offerTexts(texts, "new", context);
    if (answer.kind === "refused") continue;
    if (answer.kind === "stopped") return { sound, unjudged, seen, stopped: answer.outcome };
    sound = applied;
    for (const change of open) left.delete(change);
    unjudged = [...left];
    seen = answer.seen;
    // What a further refusal would put back is then not what the Director has.
    if (!answer.isProven) break;
  }
  return { sound, unjudged, seen, stopped };
}

/**
 * What was found sound without a reload is put back by the next text that is refused, since the Director never had it:
 * so it is put in place once more at the end.
 */
async function leaveInPlace(
  candidates: readonly Candidate[],
  sound: readonly Change[],
  context: BatchContext,
): Promise<void> {
  if (sound.length === 0) return;
  const texts = candidates.map((candidate) => partialText(candidate, slugsOf(candidate, sound)));
  await offerTexts(texts, "new", context);
}

function outcomeOf(candidate: Candidate, refusal: Refusal, found: FoundCulprits): Reloaded {
  const rejected = new Map(
    found.culprits.flatMap((change) =>
      change.candidate === candidate ? change.slugs.map((slug) => [slug, found.reasons.get(change) ?? ""]) : [],
    ),
  );
  const waiting = slugsOf(candidate, found.unjudged);
  const isNew = slugsOf(candidate, found.sound).size > 0;
  // A text that differs in no block, such as one whose first lines a person edited, is no change that can be left out.
  if (waiting.size > 0 || (!isNew && rejected.size === 0)) {
    const outcome = found.stopped ?? refusedOutcome(refusal, found);
    return { outcome, rejected, waiting };
  }
  const reloaded = taken(candidate, found.seen, isNew);
  return reloaded.outcome.kind === "busy" ? allWait(reloaded.outcome) : { ...reloaded, rejected };
}

function refusedOutcome({ detail }: Refusal, { isOutside }: FoundCulprits): PublishOutcome {
  return isOutside ? { kind: "directorInvalid", detail } : { kind: "refused", detail };
}

async function noteCulprits({ culprits, reasons }: FoundCulprits, { foundBy }: Refusal, refused: RefusedContent) {
  const blocks = culprits.flatMap((change) =>
    change.slugs.map((slug) => {
      const { client, wanted, present } = change.candidate;
      const hash = blockHash(client.item.policy, slug, wanted.get(slug), present.get(slug));
      return [hash, { reason: reasons.get(change) ?? "", foundBy }] as const;
    }),
  );
  await refused.note({ blocks: new Map(blocks) });
}

/** Remembers the texts that the next pass would make of what was refused without a culprit, or that none is to blame. */
async function noteTexts(
  outcomes: Outcomes,
  { isOutside, stopped }: FoundCulprits,
  { foundBy, detail }: Refusal,
  refused: RefusedContent,
) {
  if (isOutside) {
    // To test again costs no slot, so that what somebody mends is noticed at once.
    if (foundBy === "reload") await refused.note({ outside: { detail } });
    return;
  }
  const texts = [...outcomes].flatMap(([candidate, { outcome, rejected }]) => {
    if (outcome.kind !== "refused") return [];
    const slugs = [...candidate.present.keys(), ...candidate.wanted.keys()].filter((slug) => !rejected.has(slug));
    const text = rejected.size === 0 ? candidate.text : (partialText(candidate, new Set(slugs)).text ?? "");
    return [[textHash(candidate.client.item.policy, text), { detail: outcome.detail }] as const];
  });
  await refused.note({ texts: new Map(texts), ...(stopped === undefined && { outside: null }) });
}
