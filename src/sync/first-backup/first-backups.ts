import type { FirstBackupLimits } from "../../domain/lifecycle/first-backups.ts";
import type { CatalogHistory, JobHistory } from "../ports.ts";

/** A run whose start the Director did not confirm may be queued all the same; so long the catalog may take to show it. */
const UNCONFIRMED_MS = 10 * 60_000;
/** A client that was not looked at for so long is not ours any more, or suspended: its runs do not count. */
const LOOK_COUNTS_MS = 60 * 60_000;

interface Start {
  readonly client: string;
  readonly atMs: number;
  /** Absent until the Director has told it. */
  readonly jobId?: number | undefined;
}

/**
 * What one process remembers of first backups: which it started, until their files no longer wait for one, and what ran
 * for each client when it was last looked at. Lost with the process; then the catalog alone tells what was started.
 */
export class FirstBackups {
  readonly limits: FirstBackupLimits;
  readonly #starts = new Map<string, Start>();
  readonly #looks = new Map<string, { readonly history: CatalogHistory; readonly atMs: number }>();

  constructor(limits: FirstBackupLimits) {
    this.limits = limits;
  }

  look(client: string, history: CatalogHistory, nowMs: number): void {
    this.#looks.set(client, { history, atMs: nowMs });
  }

  /** Before the Director is asked: from now on the job counts as started, also when the answer never comes. */
  begin(client: string, jobName: string, nowMs: number): void {
    this.#starts.set(jobName, { client, atMs: nowMs });
  }

  confirm(jobName: string, jobId: number): void {
    const start = this.#starts.get(jobName);
    if (start !== undefined) this.#starts.set(jobName, { ...start, jobId });
  }

  /** Jobs of the client that wait no longer were seen in the catalog, or are somebody's decision. */
  forgetAllBut(client: string, waiting: ReadonlySet<string>): void {
    for (const [jobName, start] of this.#starts) {
      if (start.client === client && !waiting.has(jobName)) this.#starts.delete(jobName);
    }
  }

  /** Whether it must not be started again now: it was, or perhaps was a short while ago. */
  isStarted(jobName: string, nowMs: number): boolean {
    const start = this.#starts.get(jobName);
    return start !== undefined && (start.jobId !== undefined || isRecent(start, nowMs));
  }

  triedMs(jobName: string): number | undefined {
    return this.#starts.get(jobName)?.atMs;
  }

  /** How many runs of each client wait or work, those included that the catalog did not show when it was last read. */
  running(nowMs: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [client, { history, atMs }] of this.#looks) {
      if (nowMs - atMs > LOOK_COUNTS_MS) continue;
      let count = 0;
      for (const { unfinished } of history.values()) count += unfinished?.length ?? 0;
      counts.set(client, count);
    }
    for (const [jobName, start] of this.#starts) {
      const { client } = start;
      const look = this.#looks.get(client);
      const count = counts.get(client);
      if (look === undefined || count === undefined) continue;
      if (isNotShown(start, look.history.get(jobName), nowMs)) counts.set(client, count + 1);
    }
    return counts;
  }
}

function isRecent({ atMs }: Start, nowMs: number): boolean {
  return Math.abs(nowMs - atMs) < UNCONFIRMED_MS;
}

function isNotShown(start: Start, history: JobHistory | undefined, nowMs: number): boolean {
  const { jobId } = start;
  if (jobId === undefined) return isRecent(start, nowMs) && history?.unfinished === undefined;
  const shown = [history?.lastRun, ...(history?.unfinished ?? [])];
  return !shown.some((run) => run !== undefined && run.jobId >= jobId);
}
