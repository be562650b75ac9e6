/**
 * Which of several changes the Director refuses, found by trials when nothing names it (rule 7). Immutable; the trials
 * themselves are the caller's.
 *
 *   suspects --half is taken--> the other half   --half is refused--> that half, the other becomes unknown
 *   one suspect --> culprit     no suspects --> all unknown are tried together
 *
 * A trial has what is known to be sound, and its own changes; all else is left as it was published last.
 */
export interface FaultSearch<T> {
  /** The Director has taken these. */
  readonly sound: readonly T[];
  /** Among these is one that it refuses. */
  readonly suspects: readonly T[];
  readonly unknown: readonly T[];
  /** Singled out by trials. They are blamed only when the Director took something after its last refusal. */
  readonly singled: readonly T[];
  /** Named by the Director's own words, which need no proof. */
  readonly named: readonly T[];
  /** Since its last refusal the Director has taken what is known to be sound: the trouble is not elsewhere. */
  readonly isProven: boolean;
  /** What is known to be sound was refused: something outside of these changes is wrong. */
  readonly isOutside: boolean;
  readonly trialsLeft: number;
}

/** `likelySound`: made by us alone, so that a person's edits are suspected first. */
export interface Suspect {
  readonly likelySound: boolean;
}

export type SearchStep<T> =
  /** Empty: only what is known to be sound. */
  { readonly kind: "trial"; readonly changes: readonly T[] } | { readonly kind: "ended"; readonly found: Found<T> };

export interface Found<T> {
  readonly sound: readonly T[];
  readonly culprits: readonly T[];
  /** Not known to be sound or refused: the trials were used up, or the trouble is elsewhere. */
  readonly unjudged: readonly T[];
  readonly isOutside: boolean;
}

/** After a refusal of all these changes together. */
export function startSearch<T extends Suspect>(changes: readonly T[], trialsLeft: number): FaultSearch<T> {
  return settled({
    sound: [],
    suspects: changes,
    unknown: [],
    singled: [],
    named: [],
    isProven: false,
    isOutside: false,
    trialsLeft,
  });
}

/** What to try next. Ends after at most as many trials as were left at the start. */
export function nextStep<T extends Suspect>(search: FaultSearch<T>): SearchStep<T> {
  const { suspects, unknown, singled, isProven, isOutside, trialsLeft } = search;
  if (isOutside || trialsLeft <= 0) return { kind: "ended", found: foundSoFar(search) };
  const isFirst = !isProven && search.sound.length === 0 && unknown.length === 0 && search.named.length === 0;
  // A broken configuration of somebody else refuses everything: that is looked at before a slot is lost for each half.
  if (isFirst && suspects.length > 0) return { kind: "trial", changes: [] };
  // The last trial has to prove those that were singled out, or it was all for nothing.
  if (singled.length > 0 && !isProven && (trialsLeft === 1 || (suspects.length === 0 && unknown.length === 0)))
    return { kind: "trial", changes: [] };
  if (suspects.length > 0) return { kind: "trial", changes: halves(suspects)[0] };
  if (unknown.length > 0) return { kind: "trial", changes: unknown };
  return { kind: "ended", found: foundSoFar(search) };
}

/** The outcome of the trial that `nextStep` asked for; `named`: the change that the Director's words blame. */
export function afterTrial<T extends Suspect>(
  search: FaultSearch<T>,
  outcome: { readonly kind: "taken" } | { readonly kind: "refused"; readonly named?: T | undefined },
): FaultSearch<T> {
  const step = nextStep(search);
  if (step.kind === "ended") return search;
  const tried = new Set(step.changes);
  const trialsLeft = search.trialsLeft - 1;
  const rest = (changes: readonly T[]) => changes.filter((change) => !tried.has(change));
  if (outcome.kind === "taken") {
    const { suspects, unknown } = search;
    const sound = [...search.sound, ...step.changes];
    return settled({
      ...search,
      sound,
      suspects: rest(suspects),
      unknown: rest(unknown),
      isProven: true,
      trialsLeft,
    });
  }
  const refused = { ...search, isProven: false, trialsLeft };
  if (outcome.named !== undefined) return withNamed(refused, outcome.named);
  if (step.changes.length === 0) return { ...refused, isOutside: true };
  return settled({
    ...refused,
    suspects: step.changes,
    unknown: [...rest(search.suspects), ...rest(search.unknown)],
  });
}

/** The Director's words name this change: it is out, and of the others nothing is known. */
export function withNamed<T extends Suspect>(search: FaultSearch<T>, named: T): FaultSearch<T> {
  const others = [...search.suspects, ...search.unknown].filter((change) => change !== named);
  const singled = search.singled.filter((change) => change !== named);
  return { ...search, suspects: [], unknown: others, singled, named: [...search.named, named] };
}

/** A single suspect is the culprit. */
function settled<T>(search: FaultSearch<T>): FaultSearch<T> {
  const { suspects, singled } = search;
  return suspects.length === 1 ? { ...search, suspects: [], singled: [...singled, ...suspects] } : search;
}

/** What can be said for certain, also when the search has to be given up before its end. */
export function foundSoFar<T>({
  sound,
  suspects,
  unknown,
  singled,
  named,
  isProven,
  isOutside,
}: FaultSearch<T>): Found<T> {
  const isBlamed = isProven && !isOutside;
  return {
    sound,
    culprits: [...named, ...(isBlamed ? singled : [])],
    unjudged: [...suspects, ...unknown, ...(isBlamed ? [] : singled)],
    isOutside,
  };
}

/** What we made ourselves and what people edited, or else two halves; neither is empty. */
function halves<T extends Suspect>(changes: readonly T[]): readonly [readonly T[], readonly T[]] {
  const ours = changes.filter(({ likelySound }) => likelySound);
  if (ours.length > 0 && ours.length < changes.length) return [ours, changes.filter(({ likelySound }) => !likelySound)];
  const middle = Math.ceil(changes.length / 2);
  return [changes.slice(0, middle), changes.slice(middle)];
}
