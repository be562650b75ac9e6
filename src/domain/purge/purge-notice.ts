import type { DeadlinePolicy } from "../lifecycle/deadlines.ts";

/** Since when each VM's purge has been announced by its `purgeAt`, under which threshold; and what was purged lately. */
export interface PurgeNotices {
  /** The threshold that the announcements were made under: another one begins all of them anew. */
  readonly graceDays: number;
  readonly cleanupAfterDays: number;
  readonly vms: ReadonlyMap<string, PurgeNotice>;
  /** Purges that were begun within the last day. */
  readonly begun: readonly BegunPurge[];
}

/** Times in ms since the epoch. */
export interface PurgeNotice {
  readonly sinceMs: number;
  readonly purgeAtMs: number;
}

export interface BegunPurge {
  readonly uuid: string;
  readonly atMs: number;
}

const DAY_MS = 86_400_000;
/** Rule 5: how long `purgeAt` is to be seen at least before it comes true. */
const NOTICE_DAYS = 7;
/** Whole seconds are lost between a header and the disk. */
const SAME_MS = 60_000;

/**
 * Rule 5: a purge is announced before it happens. The announcement of a VM begins when its `purgeAt` is first shown, and
 * begins anew when the threshold changes, when its `purgeAt` becomes earlier (a hand-edited header, another time zone),
 * or when the state was lost: purges then are later, never earlier. Without `cleanupAfterDays` nothing is announced.
 *
 * `shown`: every VM with a `purgeAt` that people can see now.
 */
export function announce(
  before: PurgeNotices | undefined,
  policy: DeadlinePolicy,
  shown: readonly { readonly uuid: string; readonly purgeAtMs: number }[],
  nowMs: number,
): PurgeNotices | undefined {
  const begun = begunLately(before, nowMs);
  const { graceDays, cleanupAfterDays } = policy;
  if (cleanupAfterDays === undefined) {
    // What was begun counts for the day, also when the opt-in is taken away and given again.
    return before === undefined || begun.length === 0 ? undefined : { ...before, vms: new Map(), begun };
  }
  const isSame = before?.graceDays === graceDays && before.cleanupAfterDays === cleanupAfterDays;
  const vms = new Map<string, PurgeNotice>();
  for (const { uuid, purgeAtMs } of shown) {
    const known = isSame ? before.vms.get(uuid) : undefined;
    // A clock that was set back must not make an announcement older than it is.
    const stands = known !== undefined && known.sinceMs <= nowMs && purgeAtMs >= known.purgeAtMs - SAME_MS;
    vms.set(uuid, stands ? known : { sinceMs: nowMs, purgeAtMs });
  }
  return { graceDays, cleanupAfterDays, vms, begun };
}

/** Whether the VM's purge has been announced for as long as it must be: 7 days, or `cleanupAfterDays` if that is less. */
export function isAnnounced(notices: PurgeNotices | undefined, uuid: string, nowMs: number): boolean {
  const since = notices?.vms.get(uuid)?.sinceMs;
  if (notices === undefined || since === undefined) return false;
  return nowMs - since >= Math.min(NOTICE_DAYS, notices.cleanupAfterDays) * DAY_MS;
}

/** Purges of the last 24 hours; one with a time in the future counts, since the clock was set back since. */
export function begunLately(notices: PurgeNotices | undefined, nowMs: number): readonly BegunPurge[] {
  return (notices?.begun ?? []).filter(({ atMs }) => nowMs - atMs < DAY_MS);
}
