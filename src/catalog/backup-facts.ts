import type { BackupRun, CatalogHistory, JobHistory } from "../sync/ports.ts";

/** One row of table Job that concerns us, read. */
export interface RunRow {
  readonly jobName: string;
  readonly run: BackupRun;
}

/** What is known of one client's backups up to one JobId. Never changed in place: a reader may still hold it. */
export interface BackupFacts {
  readonly history: CatalogHistory;
  /** Runs that had not ended when they were read; to be read again. */
  readonly unfinished: ReadonlySet<number>;
}

export const NO_FACTS: BackupFacts = { history: new Map(), unfinished: new Set() };

/** JobStatus of a run that has ended (Bacula's jcr.h); every other letter is a run that waits or works. */
export const FINAL_STATUSES = ["T", "W", "E", "e", "f", "A", "I", "D"] as const;
/** JobStatus of a backup that can be restored from. */
export const GOOD_STATUSES = ["T", "W"] as const;

const finalStatuses: ReadonlySet<string> = new Set(FINAL_STATUSES);
const goodStatuses: ReadonlySet<string> = new Set(GOOD_STATUSES);

/**
 * Facts after reading `rows`, which hold at least every run that is new since `facts` and every one of
 * `facts.unfinished` that still exists. Rows may come in any order and more than once, and the result is that of reading
 * everything at once. Names that appear only with unfinished runs are known too. Finished runs that were deleted since
 * stay until the facts are read in full again.
 */
export function mergeRuns(facts: BackupFacts, rows: readonly RunRow[]): BackupFacts {
  const history = new Map(facts.history);
  if (facts.unfinished.size > 0) {
    for (const [jobName, known] of history) if (known.unfinished !== undefined) history.set(jobName, finishedOf(known));
  }
  const unfinished = new Set<number>();
  for (const { jobName, run } of rows) {
    const known = history.get(jobName) ?? {};
    if (finalStatuses.has(run.status)) history.set(jobName, withFinished(known, run));
    else {
      history.set(jobName, withUnfinished(known, run));
      unfinished.add(run.jobId);
    }
  }
  return { history, unfinished };
}

/** What stays known of a job whose unfinished runs are read again. */
function finishedOf({ lastGood, lastRun }: JobHistory): JobHistory {
  return { ...(lastGood === undefined ? {} : { lastGood }), ...(lastRun === undefined ? {} : { lastRun }) };
}

function withUnfinished(known: JobHistory, { jobId, startTimeMs }: BackupRun): JobHistory {
  const others = (known.unfinished ?? []).filter((run) => run.jobId !== jobId);
  return { ...known, unfinished: [...others, { jobId, startTimeMs }].sort((a, b) => a.jobId - b.jobId) };
}

/** Leaves out the jobs whose names are no longer in the catalog. */
export function keepNames(facts: BackupFacts, names: ReadonlySet<string>): BackupFacts {
  if ([...facts.history.keys()].every((name) => names.has(name))) return facts;
  return { ...facts, history: new Map([...facts.history].filter(([name]) => names.has(name))) };
}

function withFinished(known: JobHistory, run: BackupRun): JobHistory {
  const isGood = goodStatuses.has(run.status) && run.files > 0;
  const lastRun = later(known.lastRun, run);
  const good = isGood ? later(known.lastGood, run) : known.lastGood;
  const lastGood = good?.jobId === lastRun.jobId ? lastRun : good; // one object for both, at 100,000 jobs
  const finished = lastGood === undefined ? { lastRun } : { lastGood, lastRun };
  return known.unfinished === undefined ? finished : { ...finished, unfinished: known.unfinished };
}

/** The run that ended later; of two at the same second the one that began later. The same run read again wins. */
function later(known: BackupRun | undefined, run: BackupRun): BackupRun {
  if (known === undefined) return run;
  if (known.endTimeMs !== run.endTimeMs) return known.endTimeMs > run.endTimeMs ? known : run;
  return known.jobId > run.jobId ? known : run;
}
