import type { Decision } from "../domain/lifecycle/decide-lifecycle.ts";
import type { PassReport } from "./pass-report.ts";

/** Whether a pass found absences that lead to something, and did not ask again yet. */
export function isUnconfirmed({ outcome }: PassReport): boolean {
  return outcome.kind === "passed" && outcome.removals.kind === "unconfirmed";
}

/** The VMs that got their job in a pass, or lost their `missing-since` in it. */
export function newlyPresentIn({ outcome }: PassReport): ReadonlySet<string> {
  if (outcome.kind !== "passed") return new Set();
  return new Set(outcome.vms.flatMap(({ uuid, decision }) => (isNewlyPresent(decision) ? [uuid] : [])));
}

/** How many VMs a pass has given a job. */
export function createdIn({ outcome }: PassReport): number {
  if (outcome.kind !== "passed") return 0;
  return outcome.vms.filter(({ decision }) => decision.kind === "create").length;
}

function isNewlyPresent(decision: Decision): boolean {
  return decision.kind === "create" || (decision.kind === "edit" && decision.edit.headers?.missingSince === null);
}

/** A pass that decided twice, as one: the second report, with what the first had done already. */
export function joinReports(first: PassReport, second: PassReport): PassReport {
  if (first.outcome.kind !== "passed" || second.outcome.kind !== "passed") return second;
  const done = new Map(first.outcome.vms.map((vm) => [vm.uuid, vm]));
  const vms = second.outcome.vms.map((vm) => {
    const { decision, firstBackup, fileSetEdit = vm.fileSetEdit } = done.get(vm.uuid) ?? {};
    const wasDone = decision?.kind === "create" || decision?.kind === "edit";
    const again = { ...vm, fileSetEdit };
    const joined = vm.decision.kind === "unchanged" && wasDone ? { ...again, decision } : again;
    return firstBackup === undefined || vm.firstBackup !== undefined ? joined : { ...joined, firstBackup };
  });
  // What the first has purged is nowhere any more, and its lines are for a person.
  const left = new Set(vms.map(({ uuid }) => uuid));
  const purged = first.outcome.vms.filter(({ uuid, purge }) => purge?.kind === "purged" && !left.has(uuid));
  const publishing =
    second.outcome.publishing.kind === "unchanged" ? first.outcome.publishing : second.outcome.publishing;
  const failedChanges = [...first.outcome.failedChanges, ...second.outcome.failedChanges];
  // What was approved once was done by the first; the second has nothing left of it.
  const pluginEdits =
    second.outcome.pluginEdits.kind === "held" ? second.outcome.pluginEdits : first.outcome.pluginEdits;
  return {
    ...second,
    outcome: { ...second.outcome, vms: [...vms, ...purged], publishing, failedChanges, pluginEdits },
  };
}
