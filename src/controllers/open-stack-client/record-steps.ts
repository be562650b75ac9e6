import type { EditReason } from "../../domain/lifecycle/decide-lifecycle.ts";
import { someNames } from "../../domain/status/some-names.ts";
import type { EventSubject } from "../../kubernetes/event-recorder.ts";
import type { PassReport, VmReport } from "../../sync/pass-report.ts";
import type { Recorder } from "./record-transitions.ts";

interface Step {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  /** Stands before the names. */
  readonly what: string;
  readonly isOf: (vm: VmReport, pass: PassNews) => boolean;
}

/** What a VM's own report does not tell. */
interface PassNews {
  readonly mayRemove: boolean;
  /** Changed Plugin lines wait for an approval. */
  readonly arePluginsHeld: boolean;
  /** Uuids of VMs whose wish for a JobDefs is refused, and was not before. */
  readonly newlyRefused: ReadonlySet<string>;
}

const isCreated = ({ decision, job }: VmReport) => decision.kind === "create" && job !== undefined;
const isKnownToCatalog = ({ decision }: VmReport) => decision.kind === "create" && decision.knownToCatalog;
const isEdited = ({ decision }: VmReport, because: EditReason) =>
  decision.kind === "edit" && decision.because.includes(because);

/** What happened to VMs, each told once for all VMs of a pass: what, to whom, and what comes next. */
const STEPS: readonly Step[] = [
  {
    type: "Normal",
    reason: "Protected",
    what: "New VMs that got a job",
    isOf: (vm) => isCreated(vm) && !isKnownToCatalog(vm),
  },
  {
    type: "Warning",
    reason: "JobFileMissing",
    what: "Known to the catalog, but their job file was missing; it was written again",
    isOf: (vm) => isCreated(vm) && isKnownToCatalog(vm),
  },
  {
    type: "Warning",
    reason: "Missing",
    what: "Not listed any more; their jobs stay enabled for the grace time",
    isOf: ({ decision }, { mayRemove }) => mayRemove && decision.kind === "markMissing",
  },
  {
    type: "Warning",
    reason: "Disabled",
    what: "Jobs that were disabled, since their VMs were absent beyond the grace time or opted out; backups are kept",
    isOf: ({ decision }, { mayRemove }) => mayRemove && decision.kind === "disable",
  },
  {
    type: "Normal",
    reason: "Restored",
    what: "Listed again, so their jobs were enabled again",
    isOf: (vm) => isEdited(vm, "Restored"),
  },
  {
    type: "Normal",
    reason: "Returned",
    what: "Listed again within the grace time",
    isOf: (vm) => isEdited(vm, "Returned") && !isEdited(vm, "Restored"),
  },
  {
    type: "Warning",
    reason: "PluginLinesChanged",
    what: "Plugin lines that follow the changed policy; the next run of each of these jobs is a Full",
    isOf: ({ fileSetEdit }, { arePluginsHeld }) => fileSetEdit === "Plugin" && !arePluginsHeld,
  },
  {
    type: "Warning",
    reason: "JobDefsRefused",
    what: "Protected with another JobDefs than was wished for; PolicyAccepted of each ManagedVM says why",
    isOf: ({ uuid }, { newlyRefused }) => newlyRefused.has(uuid),
  },
  {
    type: "Warning",
    reason: "Purging",
    what: "Absent beyond graceDays and cleanupAfterDays: their jobs are withdrawn, and their backups are being deleted",
    isOf: ({ decision, isPurging, purge }, { mayRemove }) =>
      mayRemove &&
      decision.kind === "purge" &&
      purge?.kind !== "stopped" &&
      (isPurging === true || purge?.kind === "purged"),
  },
  {
    type: "Warning",
    reason: "Purged",
    what: "Deleted for good, with their jobs, files and backups in the catalog",
    isOf: ({ purge }) => purge?.kind === "purged",
  },
  {
    type: "Normal",
    reason: "FirstBackupStarted",
    what: "First backups that were started",
    isOf: ({ firstBackup }) => firstBackup?.kind === "started",
  },
  {
    type: "Warning",
    reason: "FirstBackupNotStarted",
    what: "The Director did not take their first backup; it is tried again in ten minutes, unless the catalog shows it",
    isOf: ({ firstBackup }) => firstBackup?.kind === "failed",
  },
];

/** Records one event for each kind of step that the pass took; nothing for a pass that took none. */
export function recordSteps(
  recorder: Recorder,
  subject: EventSubject,
  { policy, outcome }: PassReport,
  newlyRefused: ReadonlySet<string>,
): void {
  if (outcome.kind !== "passed" || policy.mode === "DryRun") return;
  const mayRemove = outcome.removals.kind === "allowed";
  const pass = { mayRemove, arePluginsHeld: outcome.pluginEdits.kind === "held", newlyRefused };
  for (const { type, reason, what, isOf } of STEPS) {
    const names = outcome.vms.filter((vm) => isOf(vm, pass)).map(({ name }) => name);
    if (names.length > 0)
      recorder.record({ subject, type, reason, message: `${what} (${names.length}): ${someNames(names)}` });
  }
}

/** This front end was told to take over, and did. */
export function recordTakeOver(recorder: Recorder, subject: EventSubject): void {
  recorder.record({
    subject,
    type: "Normal",
    reason: "TookOver",
    message: "The policy of this OpenStackClient counts from now on, whatever another front end applied before",
  });
}
