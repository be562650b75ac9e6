import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import {
  afterTrial,
  type Found,
  foundSoFar,
  nextStep,
  startSearch,
  withNamed,
} from "../../domain/publishing/fault-search.ts";
import { isNamedIn, slugAtLine } from "../../domain/publishing/named-culprit.ts";
import { type SeparableChange, separableChanges } from "../../domain/publishing/separable-changes.ts";
import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";
import { type Offered, offerTexts, type Seen } from "./offer-texts.ts";
import { type PartialText, partialText } from "./partial-text.ts";
import type { Candidate } from "./publish-candidate.ts";
import { trialsLeft } from "./reload-slots.ts";

/** A change of one candidate that can be left out. */
export interface Change extends SeparableChange {
  readonly candidate: Candidate;
}

type FolderPair = Pick<ClientIdentity, "datacenter" | "openstack">;

export type Refusal = Extract<Offered, { kind: "refused" }>;

export interface FoundCulprits extends Found<Change> {
  /** Why each culprit is one. */
  readonly reasons: ReadonlyMap<Change, string>;
  /** How the Director's list looked after the last reload that it took. */
  readonly seen: ReadonlyMap<Candidate, Seen>;
  /** What ended it early. */
  readonly stopped?: PublishOutcome | undefined;
}

/** A test costs no slot, but up to seconds each. */
const MAX_TESTS = 32;

/**
 * Finds out which changes the Director refuses (rule 7): by its own words, from DIRECTOR_TEST_COMMAND or DIRECTOR_LOG;
 * else by trial reloads, of which one Director gets few. What proves to be sound on the way is published by it. Nothing
 * is blamed when what is in force is refused too: then the catalog, or somebody else's file, is at fault.
 */
export async function findCulprits(
  candidates: readonly Candidate[],
  refusal: Refusal,
  offered: readonly PartialText[],
  context: BatchContext,
): Promise<FoundCulprits> {
  const changes = candidates.flatMap((candidate) =>
    separableChanges(candidate.present, candidate.wanted).map((change) => ({ ...change, candidate })),
  );
  const isTested = refusal.foundBy === "test";
  const reasons = new Map<Change, string>();
  let seen: ReadonlyMap<Candidate, Seen> = new Map();
  let search = startSearch(changes, isTested ? MAX_TESTS : await trialsLeft(context));
  let named = namedBy(refusal, offered, changes);
  if (!isTested && named === undefined && isElsewhere(refusal)) search = { ...search, isOutside: true };
  // A test costs nothing, so that what is in force is tested first, and then the words on the new texts are certain.
  if (!isTested) useWords();
  for (;;) {
    const step = nextStep(search);
    if (step.kind === "ended") return found();
    const isInForce = step.changes.length === 0 && search.sound.length === 0;
    const applied = [...search.sound, ...step.changes];
    const texts = isInForce ? [] : candidates.map((candidate) => partialText(candidate, slugsOf(candidate, applied)));
    const answer = await offerTexts(texts, isInForce ? "inForce" : "trial", context, { needsTest: isTested });
    switch (answer.kind) {
      case "stopped":
        return found(answer.outcome);
      case "taken":
        search = afterTrial(search, answer);
        if (answer.seen.size > 0) seen = answer.seen;
        if (!answer.isProven) return found(notSeen(answer.seen));
        useWords();
        break;
      case "refused":
        // Tests and reloads that disagree read different files: trials would cost a slot each and find nothing.
        if (isTested && answer.foundBy === "reload") return found({ kind: "refused", detail: answer.detail });
        named = namedBy(answer, texts, step.changes);
        search = afterTrial(search, { kind: "refused", named });
        named = undefined;
        break;
      default:
        return answer satisfies never;
    }
  }

  function useWords(): void {
    if (named !== undefined) search = withNamed(search, named);
    named = undefined;
  }

  function isElsewhere({ file }: Refusal): boolean {
    return file !== undefined && context.tree.publishedAt(file) === undefined;
  }

  /** The change that the Director's words name, of those that were in the text. */
  function namedBy(
    { detail, file, line }: Refusal,
    texts: readonly PartialText[],
    inText: readonly Change[],
  ): Change | undefined {
    const place = file === undefined ? undefined : context.tree.publishedAt(file);
    let change: Change | undefined;
    if (place?.kind === "published" && line !== undefined) {
      const at = texts.find(({ candidate: { client } }) => isFolderOf(place, client.item.policy));
      const slug = slugAtLine(at?.text ?? "", line) ?? "";
      change = inText.find(({ candidate, slugs }) => candidate === at?.candidate && slugs.includes(slug));
    } else {
      change = inText.find(({ candidate: { present, wanted }, slugs }) =>
        slugs.some((slug) => isNamedIn(detail, present.get(slug)) || isNamedIn(detail, wanted.get(slug))),
      );
    }
    if (change !== undefined) reasons.set(change, `the Director refuses it: ${detail}`);
    return change;
  }

  function found(stopped?: PublishOutcome): FoundCulprits {
    const result = foundSoFar(search);
    for (const culprit of result.culprits) if (!reasons.has(culprit)) reasons.set(culprit, SINGLED_OUT);
    return { ...result, reasons, seen, stopped };
  }
}

const SINGLED_OUT =
  "the Director does not take its configuration with these files, and takes it without them; " +
  "bacula-dir -t, DIRECTOR_TEST_COMMAND or DIRECTOR_LOG tells why";

/** All folders of one candidate that these changes are about. */
export function slugsOf(candidate: Candidate, changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => (change.candidate === candidate ? change.slugs : [])));
}

function isFolderOf(place: FolderPair, client: FolderPair): boolean {
  return place.datacenter === client.datacenter && place.openstack === client.openstack;
}

function notSeen(seen: ReadonlyMap<Candidate, Seen>): PublishOutcome {
  const trouble = [...seen.values()].find(({ kind }) => kind === "busy");
  if (trouble?.kind === "busy") return trouble;
  return {
    kind: "busy",
    reason: "JobListUnchanged",
    detail: "the Director reloaded, but jobs of another client are not on its list yet",
  };
}
