import { vmHeader } from "../domain/jobfile/vm-header.ts";
import { describeObstacle } from "../domain/purge/judge-purge.ts";
import type { PassReport, VmReport } from "../sync/pass-report.ts";
import type { Problem } from "./problem.ts";

/**
 * What purges ask of people: a line for each file that stays on storage (white paper 8.4, step 4), and for each VM whose
 * purge is due or has begun and does not come to its end. None of them makes a sync fail: nothing went wrong.
 */
export function purgeProblems({ outcome, policy }: PassReport): readonly Problem[] {
  if (outcome.kind !== "passed") return [];
  return outcome.vms.flatMap((vm) => linesOf(vm).map((line) => told(`${line} (${policy.client})`)));
}

function linesOf({ name, decision, purge }: VmReport): readonly string[] {
  if (purge?.kind === "purged") return purge.actionsRequired;
  const vm = vmHeader(name);
  if (purge?.kind === "waits") return [`the purge of ${vm} goes on in a later sync: ${purge.reason}`];
  if (purge?.kind === "stopped") return [`${vm} is not purged: ${describeObstacle(purge.obstacle)}`];
  if (decision.kind === "purgeBlocked") return [`${vm} is not purged: ${describeObstacle(decision.obstacle)}`];
  return [];
}

function told(message: string): Problem {
  return { level: "WARN", fails: false, message };
}
