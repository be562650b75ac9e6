import {
  type DueFirstBackup,
  decideFirstBackups,
  hasFirstRun,
  wantsFirstBackup,
} from "../../domain/lifecycle/first-backups.ts";
import type { BatchContext } from "../batch-context.ts";
import { judgeObservation } from "../decide/judge-observation.ts";
import type { FirstBackupOutcome, PassReport, VmReport } from "../pass-report.ts";
import type { CatalogHistory } from "../ports.ts";

type WaitingVm = VmReport & { readonly job: NonNullable<VmReport["job"]> };

/**
 * Starts the first backups that are due and that the limits allow (`firstBackup: Immediate`), after everything was
 * published. Under the batch's lock, with the catalog read again right before: a run that another writer, a person or a
 * process before this one queued is then seen, since the Director writes its row before it answers. Answers the reports
 * with what was tried; a batch without VMs that wait asks nobody anything.
 */
export async function startFirstBackups(
  reports: readonly PassReport[],
  context: BatchContext,
): Promise<readonly PassReport[]> {
  const due: DueFirstBackup[] = [];
  for (const report of reports) due.push(...(await dueOf(report, context)));
  const { clock, director, firstBackups, signal } = context;
  const choose = (of: readonly DueFirstBackup[]) =>
    decideFirstBackups(of, firstBackups.running(clock.now()), firstBackups.limits);
  if (choose(due).length === 0) return reports;

  // `run` of a name that the Director does not have opens a menu; an administrator may have reloaded since our publish.
  const jobs = await director.backupJobs(signal);
  if (jobs.kind === "unknown") return reports;
  const tried = new Map<string, FirstBackupOutcome>();
  for (const { client, jobName } of choose(due.filter(({ jobName }) => jobs.value.has(jobName)))) {
    const outcome = await start(client, jobName, context);
    tried.set(jobName, outcome);
    // A Director that is away or hangs must not be waited for once more for each job, with the lock held.
    if (outcome.kind === "failed") break;
  }
  return tried.size === 0 ? reports : reports.map((report) => withOutcomes(report, tried));
}

/** The client's jobs that wait for their first backup, and that nobody has started. */
async function dueOf({ policy, observation, outcome }: PassReport, context: BatchContext): Promise<DueFirstBackup[]> {
  const { catalog, clock, firstBackups, signal } = context;
  const sight = judgeObservation(observation);
  if (sight.kind === "blind" || outcome.kind !== "passed" || policy.mode === "DryRun") return [];
  firstBackups.look(policy.client, sight.history, clock.now());
  const marked = outcome.vms.flatMap(({ job }) => (job?.headers.firstBackup === "wanted" ? [job.directives.name] : []));
  firstBackups.forgetAllBut(policy.client, new Set(marked));
  if (marked.length === 0) return [];

  const waiting = outcome.vms.filter((vm): vm is WaitingVm => wantsFirstBackup(vm, policy));
  if (!waiting.some((vm) => isDue(vm, sight.history, context))) return [];
  const answer = await catalog.history(policy, signal);
  if (answer.kind === "unknown") return [];
  firstBackups.look(policy.client, answer.history, clock.now());
  return waiting
    .filter((vm) => isDue(vm, answer.history, context))
    .map(({ job: { directives, createdMs } }) => ({
      client: policy.client,
      jobName: directives.name,
      createdMs,
      triedMs: firstBackups.triedMs(directives.name),
    }));
}

function isDue({ job }: WaitingVm, history: CatalogHistory, { clock, firstBackups }: BatchContext): boolean {
  const { name } = job.directives;
  const now = clock.now();
  const runs = history.get(name);
  return runs?.unfinished === undefined && !hasFirstRun(job.createdMs, runs, now) && !firstBackups.isStarted(name, now);
}

/** Whatever goes wrong after this, the run may be queued: the job counts as started until the catalog had time to tell. */
async function start(
  client: string,
  jobName: string,
  { clock, director, firstBackups, signal }: BatchContext,
): Promise<FirstBackupOutcome> {
  firstBackups.begin(client, jobName, clock.now());
  const answer = await director.runJob(jobName, signal);
  if (answer.kind === "unknown") return { kind: "failed", reason: answer.reason, detail: answer.detail };
  firstBackups.confirm(jobName, answer.value.jobId);
  return { kind: "started", jobId: answer.value.jobId };
}

function withOutcomes(report: PassReport, tried: ReadonlyMap<string, FirstBackupOutcome>): PassReport {
  const { outcome } = report;
  if (outcome.kind !== "passed") return report;
  const vms = outcome.vms.map((vm) => {
    const firstBackup = vm.job === undefined ? undefined : tried.get(vm.job.directives.name);
    return firstBackup === undefined ? vm : { ...vm, firstBackup };
  });
  return { ...report, outcome: { ...outcome, vms } };
}
