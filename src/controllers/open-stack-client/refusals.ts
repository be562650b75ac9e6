import type { VmStatus } from "../../domain/status/vm-status.ts";
import type { VmReport } from "../../sync/pass-report.ts";

/** Why the JobDefs that a VM's tag or a person wished for is refused, by uuid. */
export type Refusals = ReadonlyMap<string, string>;

/** What is known of a VM's refusal before this pass. */
export type RefusalBefore = (uuid: string) => string | undefined;

/** As the ManagedVMs show it: so an operator that was restarted does not tell everything again. */
export function shownRefusals(before: (uuid: string) => VmStatus | undefined): RefusalBefore {
  return (uuid) => {
    const shown = before(uuid)?.conditions.find(({ type }) => type === "PolicyAccepted");
    return shown?.status === "False" ? shown.reason : undefined;
  };
}

/**
 * The refusals of this pass, and the VMs of which one is news: there was none before, or for another reason. A wish that
 * could not be judged now is no news, so an outage does not tell everything again either.
 */
export function judgeRefusals(
  vms: readonly Pick<VmReport, "uuid" | "jobDefs">[],
  before: RefusalBefore,
): { readonly refusals: Refusals; readonly newlyRefused: ReadonlySet<string> } {
  const refusals = new Map<string, string>();
  const newlyRefused = new Set<string>();
  for (const { uuid, jobDefs } of vms) {
    const isJudged = jobDefs.refused !== undefined || jobDefs.basis === "judged";
    const reason = isJudged ? jobDefs.refused?.reason : before(uuid);
    if (reason === undefined) continue;
    refusals.set(uuid, reason);
    if (isJudged && before(uuid) !== reason) newlyRefused.add(uuid);
  }
  return { refusals, newlyRefused };
}
