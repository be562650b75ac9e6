import type { PassReport, VmReport } from "./pass-report.ts";
import { type PlannedAction, planOfReport } from "./plan-of-report.ts";

/** What a pass did to VMs, in the words of its plan; of a dry run, what it would do. Steps that were held or failed are not among them. */
export function stepsTaken(report: PassReport): readonly PlannedAction[] {
  const { policy, outcome } = report;
  if (policy.mode === "DryRun" || outcome.kind !== "passed") return planOfReport(report);
  const failed = new Set(outcome.failedChanges.map(({ slug }) => slug));
  const mayRemove = outcome.removals.kind === "allowed";
  const arePluginsHeld = outcome.pluginEdits.kind === "held";
  const vms = outcome.vms.flatMap((vm) => {
    if (!isTaken(vm, mayRemove) || (vm.slug !== undefined && failed.has(vm.slug))) return [];
    return arePluginsHeld && vm.fileSetEdit === "Plugin" ? [{ ...vm, fileSetEdit: undefined }] : [vm];
  });
  return planOfReport({ ...report, outcome: { ...outcome, vms } });
}

function isTaken({ decision, job, isPurging, purge }: VmReport, mayRemove: boolean): boolean {
  switch (decision.kind) {
    case "create":
      return job !== undefined;
    case "markMissing":
    case "disable":
      return mayRemove;
    case "purge":
      return mayRemove && purge?.kind !== "stopped" && (isPurging === true || purge?.kind === "purged");
    case "createLater":
    case "purgeLater":
    case "purgeBlocked":
      return false;
    case "edit":
    case "unchanged":
    case "unknown":
    case "optedOut":
    case "leaveMissingFile":
      return true;
    default:
      return decision satisfies never;
  }
}
