import type { ClientPolicy } from "../domain/client/client-policy.ts";
import { jobName } from "../domain/naming/resource-names.ts";
import { slugOf } from "../domain/naming/slug.ts";
import { isMeantToRun } from "../domain/status/is-meant-to-run.ts";
import type { VmFacts } from "../domain/status/vm-facts.ts";
import type { VmStatus } from "../domain/status/vm-status.ts";
import type { VmReport } from "./pass-report.ts";
import type { CatalogHistory } from "./ports.ts";

export interface VmFactsContext {
  readonly policy: ClientPolicy;
  /** Absent: the catalog was never read by this process; what was shown of backups then stays. */
  readonly history?: CatalogHistory | undefined;
  /** What was shown of a VM before; asked only where something could not be seen. */
  readonly before: (uuid: string) => VmStatus | undefined;
}

const NEVER_RUN = {};
/** A name for an object needs no limit of a job's name; it only must not be endless. */
const MAX_NAME_OF_JOBLESS = 60;

/** What a pass found of one VM, in the words that its phase, conditions and counts are made of, for both front ends. */
export function vmFactsOf(vm: VmReport, { policy, history, before }: VmFactsContext): VmFacts {
  const { job } = vm;
  const isScheduleUnknown =
    vm.schedule === undefined && job !== undefined && (isMeantToRun(job) || job.directives.enabled === false);
  const isShadowUnknown = vm.shadowed === undefined && job !== undefined;
  const isBlind = vm.sighting === "unseen" || history === undefined || isScheduleUnknown || isShadowUnknown;
  return {
    ...vm,
    policy,
    ...(history !== undefined && { history: history.get(jobNameOf(vm, policy)) ?? NEVER_RUN }),
    ...(isBlind && { before: before(vm.uuid) }),
  };
}

/** The name of the VM's job, or the one that it would have. */
export function jobNameOf(vm: VmReport, policy: ClientPolicy): string {
  if (vm.job !== undefined) return vm.job.directives.name;
  return jobName(policy, vm.slug ?? `${slugOf(vm.name, MAX_NAME_OF_JOBLESS).text}-${vm.uuid.slice(0, 8)}`);
}

/** Whether anything is known of the VM: one without a job and a sighting, or purged, is nobody's to show or count. */
export function isShown({ job, decision, purge }: VmReport): boolean {
  return purge?.kind !== "purged" && (job !== undefined || decision.kind !== "unknown");
}
