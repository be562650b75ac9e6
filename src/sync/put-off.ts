import type { PassReport, VmReport } from "./pass-report.ts";

/** New VMs that a pass left for the next one, since it had protected as many as one pass may (rule 8). */
export function newVmsWaiting({ outcome }: PassReport): number {
  if (outcome.kind !== "passed") return 0;
  return outcome.vms.filter(({ decision }) => decision.kind === "createLater").length;
}

/**
 * When something that a pass put off can be done, ms since the epoch; undefined: nothing waits for a moment of its own.
 * New VMs that wait are due at once, as long as passes get ahead with them: a pass that wrote none is no reason to hurry.
 * A change of tags is due when its VM may change again (rule 8).
 */
export function putOffUntilMs(report: PassReport): number | undefined {
  const { outcome, observation } = report;
  if (outcome.kind !== "passed") return undefined;
  if (newVmsWaiting(report) > 0 && outcome.vms.some(isWritten)) return observation.atMs;
  return outcome.vms.reduce<number | undefined>(
    (soonest, { tagChangeWaitsUntilMs: ms }) => (ms !== undefined && ms < (soonest ?? Infinity) ? ms : soonest),
    undefined,
  );
}

function isWritten({ decision, job }: VmReport): boolean {
  return decision.kind === "create" && job !== undefined;
}
