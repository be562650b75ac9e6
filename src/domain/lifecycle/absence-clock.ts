/** When discovery of one client worked, as far as it matters for absences that are running. Times in ms. */
export interface SightLog {
  /** The last trusted listing; absent: the log is new or was lost. */
  readonly lastSeenMs?: number | undefined;
  /** Spans in which nobody looked or could see; oldest first. */
  readonly gaps: readonly Gap[];
}

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

export const LOST_LOG: SightLog = { gaps: [] };
/** More than that are joined: the joined gap covers what lies between, so absences count later, never earlier. */
const MOST_GAPS = 200;
/** A clock that is kept right by NTP steps back by less. */
const CLOCK_STEP_MS = 5 * 60_000;

/**
 * Rule 3: time counts only while we could see. A trusted listing at `nowMs` ends the span since the last one; what of it
 * is beyond `maxGapMs` is a gap. A log that was lost says nothing of the time before, so all of it is a gap: the count
 * of every absence begins again. A clock that was set back counts nothing.
 */
export function seenAt(log: SightLog, nowMs: number, maxGapMs: number): SightLog {
  if (log.lastSeenMs === undefined) return { lastSeenMs: nowMs, gaps: [{ fromMs: 0, toMs: nowMs }] };
  if (nowMs < log.lastSeenMs) {
    if (log.lastSeenMs - nowMs <= CLOCK_STEP_MS) return log;
    return { lastSeenMs: nowMs, gaps: bounded([...log.gaps, { fromMs: 0, toMs: log.lastSeenMs }]) };
  }
  const fromMs = log.lastSeenMs + maxGapMs;
  if (nowMs <= fromMs) return { ...log, lastSeenMs: nowMs };
  return { lastSeenMs: nowMs, gaps: bounded([...log.gaps, { fromMs, toMs: nowMs }]) };
}

/** How much of the time since `sinceMs` was blind: never negative, never more than all of it. */
export function blindMs(log: SightLog, sinceMs: number, nowMs: number): number {
  let total = 0;
  for (const { fromMs, toMs } of log.gaps) total += Math.max(0, Math.min(toMs, nowMs) - Math.max(fromMs, sinceMs));
  return Math.min(total, Math.max(0, nowMs - sinceMs));
}

/** Forgets gaps from before the oldest absence that still runs. */
export function forgetBefore(log: SightLog, oldestMs: number): SightLog {
  return { ...log, gaps: log.gaps.filter(({ toMs }) => toMs > oldestMs) };
}

function bounded(gaps: readonly Gap[]): readonly Gap[] {
  const [first, second, ...others] = gaps;
  if (gaps.length <= MOST_GAPS || first === undefined || second === undefined) return gaps;
  return [{ fromMs: Math.min(first.fromMs, second.fromMs), toMs: Math.max(first.toMs, second.toMs) }, ...others];
}
