import type { ClientIdentity } from "../client/client-policy.ts";
import type { VmWishes } from "../discovery/discovery.ts";
import type { JobFile } from "../jobfile/job-file.ts";
import { clampTimestamp } from "../jobfile/timestamps.ts";

/** How many first backups may wait and run at once (FIRST_BACKUPS_PER_CLIENT, FIRST_BACKUPS_TOTAL). */
export interface FirstBackupLimits {
  readonly perClient: number;
  readonly total: number;
}

/** What the catalog knows of one job's runs, as far as a first backup depends on it. */
export interface RunsOfJob {
  readonly lastGood?: { readonly startTimeMs: number } | undefined;
  readonly lastRun?: { readonly startTimeMs: number } | undefined;
  readonly unfinished?: readonly { readonly startTimeMs: number }[] | undefined;
}

/** The Director's clock may be so far behind ours; a run that is taken for a later one costs less than one run more. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * Whether the job has a run that started after its file was made, whatever its end: a failed first run is not repeated.
 * Runs from before are those of another VM that had the name. Where nothing says when the file was made, any run counts.
 */
export function hasFirstRun(createdMs: number | undefined, runs: RunsOfJob | undefined, now: number): boolean {
  if (runs === undefined) return false;
  const sinceMs = createdMs === undefined ? -Infinity : clampTimestamp(createdMs, now) - CLOCK_TOLERANCE_MS;
  const started = [runs.lastGood, runs.lastRun, ...(runs.unfinished ?? [])];
  return started.some((run) => run !== undefined && run.startTimeMs >= sinceMs);
}

/** One VM as a pass left it. */
export interface VmAfterPass {
  readonly job?: JobFile | undefined;
  readonly sighting: "live" | "absent" | "unseen";
  readonly wishes?: VmWishes | undefined;
  readonly publishing: { readonly kind: "published" | "none" | "pending" | "rejected" };
}

/**
 * Whether a VM waits for its first backup and may get it now (spec section 7): its file says so, the VM was seen and is
 * not opted out, and its job is active, enabled and in the Director as the file has it. Only jobs whose runs the client's
 * history would show: a person may have given the file another Name or Client, and then nobody could tell that it ran.
 */
export function wantsFirstBackup<T extends VmAfterPass>(
  vm: T,
  { client, jobPrefix }: Pick<ClientIdentity, "client" | "jobPrefix">,
): vm is T & { readonly job: JobFile } {
  const { job, sighting, wishes, publishing } = vm;
  if (job?.headers.firstBackup !== "wanted") return false;
  const { headers, directives } = job;
  const isLive = sighting === "live" && wishes?.kind === "read" && !wishes.optedOut;
  const isActive = headers.status === "active" && headers.missingSince === undefined && directives.enabled !== false;
  const isTraceable = directives.client === client && directives.name.startsWith(jobPrefix);
  return isLive && isActive && isTraceable && publishing.kind === "published";
}

/** A job that waits for its first backup, and that the catalog has no run of. */
export interface DueFirstBackup {
  readonly client: string;
  readonly jobName: string;
  readonly createdMs?: number | undefined;
  /** When it was last tried and did not start; such jobs come last, so that none of them keeps the others waiting. */
  readonly triedMs?: number | undefined;
}

/**
 * Which of the due first backups start now. `running` counts for each client what waits and runs already, also what
 * nobody here started. The client with the fewest comes first, and of each client the oldest job; never more than the
 * limits allow, and never fewer than they do.
 */
export function decideFirstBackups<T extends DueFirstBackup>(
  due: readonly T[],
  running: ReadonlyMap<string, number>,
  limits: FirstBackupLimits,
): readonly T[] {
  const queues = Map.groupBy([...due].sort(byTurn), ({ client }) => client);
  const counts = new Map(running);
  const countOf = (client: string) => counts.get(client) ?? 0;
  let total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const chosen: T[] = [];
  while (total < limits.total) {
    const [client] = [...queues.keys()]
      .filter((name) => countOf(name) < limits.perClient)
      .sort((a, b) => countOf(a) - countOf(b) || compare(a, b));
    const next = client === undefined ? undefined : queues.get(client)?.shift();
    if (client === undefined || next === undefined) break;
    if (queues.get(client)?.length === 0) queues.delete(client);
    chosen.push(next);
    counts.set(client, countOf(client) + 1);
    total++;
  }
  return chosen;
}

function byTurn(a: DueFirstBackup, b: DueFirstBackup): number {
  const tried = (a.triedMs ?? 0) - (b.triedMs ?? 0);
  return tried || (a.createdMs ?? 0) - (b.createdMs ?? 0) || compare(a.jobName, b.jobName);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
