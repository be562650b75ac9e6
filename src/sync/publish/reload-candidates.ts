import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";
import { allWait, concludeSearch, type Outcomes, type Reloaded, standing, taken } from "./conclude-search.ts";
import { findCulprits, type Refusal } from "./find-culprits.ts";
import { offerTexts } from "./offer-texts.ts";
import { wholeText } from "./partial-text.ts";
import type { Candidate } from "./publish-candidate.ts";
import { type RefusedContent, textHash } from "./refused-content.ts";

/**
 * Whether a reload is owed for what is published already. `marked`: the volume says so, and a refusal puts older files
 * back. `unmarked`: the Director was seen to lack jobs, and the files are what they were made from.
 */
export type Debt = "none" | "marked" | "unmarked";

/** Dry runs and content that was refused before keep out; the rest is swapped in and reloaded together. */
export async function reloadCandidates(
  candidates: readonly Candidate[],
  debt: Debt,
  refused: RefusedContent,
  context: BatchContext,
): Promise<Outcomes> {
  const outcomes = new Map<Candidate, Reloaded>();
  const enforced: Candidate[] = [];
  for (const candidate of candidates) {
    const { policy } = candidate.client.item;
    const isDryRun = policy.mode === "DryRun";
    const before = candidate.isChanged ? await refused.textDetail(textHash(policy, candidate.text)) : undefined;
    if (isDryRun) outcomes.set(candidate, candidate.isChanged ? allWait({ kind: "dryRun" }) : UNCHANGED);
    else if (before !== undefined)
      outcomes.set(candidate, allWait({ kind: "refused", detail: `${before}; ${ASKED_LATER}` }));
    else enforced.push(candidate);
  }
  // A dry run pays nobody's debt.
  if (enforced.length === 0) return outcomes;
  if (debt === "none" && !enforced.some(({ isChanged }) => isChanged)) return outcomes;
  const reloaded = await reloadTogether(enforced, debt, refused, context);
  return new Map([...outcomes, ...reloaded]);
}

const UNCHANGED = standing({ kind: "unchanged" });
const ASKED_LATER = "this content is offered to the Director again later, and at once when something changes";

async function reloadTogether(
  candidates: readonly Candidate[],
  debt: Debt,
  refused: RefusedContent,
  context: BatchContext,
): Promise<Outcomes> {
  const changed = candidates.filter(({ isChanged }) => isChanged);
  // An owed reload, and its being put back, concerns files that look unchanged.
  const concerned = debt === "none" ? changed : candidates;
  const forAll = (outcome: PublishOutcome): Outcomes =>
    new Map(concerned.map((candidate) => [candidate, allWait(outcome)]));
  const outside = debt === "marked" ? undefined : await refused.outside();
  if (outside?.isDue === false) return forAll({ kind: "directorInvalid", detail: outside.detail });
  const texts = candidates.map(wholeText);
  const offered = await offerTexts(texts, "new", context);
  switch (offered.kind) {
    case "stopped":
      return forAll(offered.outcome);
    case "taken":
      await refused.note({ outside: null });
      return new Map(
        candidates.map((candidate) => {
          const isNew = debt !== "none" || candidate.isChanged;
          return [candidate, taken(candidate, offered.seen, isNew)];
        }),
      );
    case "refused":
      break;
    default:
      return offered satisfies never;
  }
  // The files that stand now are others than those that the candidates were made for: the next pass makes new ones.
  if (debt === "marked") return forAll(await afterOwedRefusal(offered, context));
  if (changed.length === 0) {
    await refused.note({ outside: { detail: offered.detail } });
    return forAll({ kind: "directorInvalid", detail: offered.detail });
  }
  const found = await findCulprits(changed, offered, texts, context);
  const concluded = await concludeSearch(changed, offered, found, refused, context);
  // Of what did not change but was lacking nothing is known now: the next pass looks again.
  return new Map([...forAll({ kind: "refused", detail: offered.detail }), ...concluded]);
}

/** A test of what was put back costs no slot, and tells whose fault it is. */
async function afterOwedRefusal({ detail, foundBy }: Refusal, context: BatchContext): Promise<PublishOutcome> {
  if (foundBy === "reload") return { kind: "refused", detail };
  const inForce = await offerTexts([], "inForce", context);
  return inForce.kind === "refused" ? { kind: "directorInvalid", detail } : { kind: "refused", detail };
}
