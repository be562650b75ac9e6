/** A VM whose purge is due, or under way. */
export interface DuePurge {
  readonly uuid: string;
  /** Begun in an earlier pass: it is to be completed. */
  readonly isUnderWay: boolean;
  /** Its `purgeAt` was shown for as long as rule 5 asks. */
  readonly isAnnounced: boolean;
  /** When it was disabled, ms since the epoch; the oldest goes first. */
  readonly disabledMs: number;
}

export interface PurgeLimits {
  readonly perPass: number;
}

/** Rule 5; no setting makes it more. */
const PURGES_PER_DAY = 50;

/** Why a purge that is due does not begin in this pass. */
export type PurgeDelay =
  | "NotAnnounced"
  | "TooManyThisPass"
  | "TooManyToday"
  /** The catalog, by the role that purges, or the Director, by its Console, did not answer. */
  | "CatalogUnknown"
  | "DirectorUnknown";

export function describeDelay(delay: PurgeDelay): string {
  switch (delay) {
    case "NotAnnounced":
      return "its purge has not been announced for long enough";
    case "TooManyThisPass":
      return "as many as one pass may purge go first";
    case "TooManyToday":
      return `${PURGES_PER_DAY} were purged within a day`;
    case "CatalogUnknown":
      return "the catalog does not say whether something speaks against it";
    case "DirectorUnknown":
      return "the Director does not say which runs it has in hand";
    default:
      return delay satisfies never;
  }
}

export interface ChosenPurges {
  /** In this order, as far as no interlock speaks against one: then the next may take its place. */
  readonly order: readonly string[];
  readonly later: ReadonlyMap<string, PurgeDelay>;
  /** How many of `order` may begin or go on. */
  readonly most: number;
  /** How many of them may be new. */
  readonly mostNew: number;
}

/**
 * Rule 5: at most so many purges a pass and 50 a day per client. Those under way go first and count for the pass, not
 * again for the day; a new one must have been announced.
 */
export function choosePurges(due: readonly DuePurge[], begunToday: number, limits: PurgeLimits): ChosenPurges {
  const later = new Map<string, PurgeDelay>();
  const underWay = due.filter(({ isUnderWay }) => isUnderWay);
  const announced: DuePurge[] = [];
  for (const vm of due) {
    if (vm.isUnderWay) continue;
    if (vm.isAnnounced) announced.push(vm);
    else later.set(vm.uuid, "NotAnnounced");
  }
  const most = Math.max(0, limits.perPass);
  const freeToday = Math.max(0, PURGES_PER_DAY - begunToday);
  const mostNew = Math.min(Math.max(0, most - underWay.length), freeToday);
  announced.sort((a, b) => a.disabledMs - b.disabledMs || (a.uuid < b.uuid ? -1 : 1));
  const isDayFull = freeToday < most - underWay.length;
  for (const { uuid } of announced.slice(mostNew)) later.set(uuid, isDayFull ? "TooManyToday" : "TooManyThisPass");
  const order = [...underWay, ...announced].map(({ uuid }) => uuid);
  return { order, later, most, mostNew };
}
