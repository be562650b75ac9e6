import { judgeRemovals, type RemovalStep, type RemovalVerdict } from "../../domain/lifecycle/judge-removals.ts";
import type { BatchItem } from "../batch-item.ts";
import type { FleetLosses } from "./fleet-losses.ts";
import type { PlannedVm } from "./plan-client.ts";

const DAY_MS = 86_400_000;

/** The steps of a plan that take protection from a VM, or begin to: for an absence, or on a tenant's opt-out. */
function removalSteps(planned: readonly PlannedVm[]): readonly RemovalStep[] {
  return planned.flatMap(({ uuid, name, decision: { kind } }) =>
    kind === "markMissing" || kind === "disable" || kind === "purge" ? [{ uuid, name, step: kind }] : [],
  );
}

/** Judges the removals of one client's plan (rules 1 and 2), and notes what the client has and lost for the others. */
export function judgeClientRemovals(
  planned: readonly PlannedVm[],
  item: BatchItem,
  killSwitch: boolean,
  losses: FleetLosses,
  now: number,
): RemovalVerdict {
  const { policy, observation, approval, newlyPresent } = item;
  const headers = planned.flatMap(({ job, uuid }) =>
    job === undefined || newlyPresent?.has(uuid) === true ? [] : [job.headers],
  );
  const isLate = (ms: number | undefined) => ms !== undefined && now - ms < DAY_MS;
  const active = headers.filter(({ status }) => status === "active");
  const known = active.filter(({ missingSince }) => missingSince === undefined).length;
  const missingLately = headers.filter(({ missingSince }) => isLate(missingSince)).length;
  const steps = removalSteps(planned);
  const begins = steps.filter(({ step }) => step === "markMissing").length;
  // A loss counts for the others from the moment it is seen, held or not.
  losses.record(policy.client, { known, missingLately: missingLately + begins });
  return judgeRemovals(
    {
      steps,
      isConfirmed: observation.absences === "confirmed",
      killSwitch,
      known,
      active: active.length,
      disabledLately: headers.flatMap(({ status, disabled, uuid }) =>
        status === "disabled" && isLate(disabled) ? [uuid] : [],
      ),
      missingLately,
      others: losses.ofOthers(policy.client),
      approval,
    },
    policy.maxMissing,
  );
}
