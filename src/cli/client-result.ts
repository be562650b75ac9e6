import type { ClientPolicy } from "../domain/client/client-policy.ts";
import { vmHeader } from "../domain/jobfile/vm-header.ts";
import { type ClientCounts, VmCounter } from "../domain/status/count-vms.ts";
import { vmStatus } from "../domain/status/vm-status.ts";
import { judgeObservation } from "../sync/decide/judge-observation.ts";
import type { PassReport, PublishOutcome } from "../sync/pass-report.ts";
import { stepsTaken } from "../sync/steps-taken.ts";
import { isShown, jobNameOf, vmFactsOf } from "../sync/vm-facts-of.ts";
import { passProblems } from "./pass-problems.ts";
import type { Problem } from "./problem.ts";
import type { ClientOutcome } from "./sync-clients.ts";

/** What a run tells of one client, as text or as JSON. */
export interface ClientResult {
  readonly client: string;
  readonly datacenter: string;
  readonly openstack: string;
  /** The line of clients.conf. */
  readonly place: string;
  readonly dryRun: boolean;
  readonly actions: readonly Action[];
  readonly problems: readonly Problem[];
  /** Absent while the client could not be seen. */
  readonly counts?: ClientCounts | undefined;
  readonly publishing?: PublishOutcome | undefined;
  readonly lockHeld: boolean;
}

/** One step; in a dry run one that would be taken. */
export interface Action {
  readonly action: string;
  readonly vm: string;
  readonly uuid: string;
  readonly job: string;
  readonly reason: string;
}

/** What is to be told of one client's outcome. */
export function clientResult(outcome: ClientOutcome, nowMs: number): ClientResult {
  const { policy, place } = outcome.client;
  const { client, datacenter, openstack, mode } = policy;
  const about = { client, datacenter, openstack, place, dryRun: mode === "DryRun" };
  const nothing = { ...about, actions: [], lockHeld: false };
  switch (outcome.kind) {
    case "refused":
      return { ...nothing, problems: [{ level: "ERROR", fails: true, message: `${place}: ${outcome.reason}` }] };
    case "failed": {
      const { error } = outcome;
      const words = error instanceof Error ? error.message : String(error);
      const message = `${client}: a fault of this program: ${words}. Nothing more is done for this client; please report it`;
      return { ...nothing, problems: [{ level: "ERROR", fails: true, message }] };
    }
    case "passed":
      return { ...about, ...passResult(outcome.report, policy, nowMs), problems: passProblems(outcome) };
    default:
      return outcome satisfies never;
  }
}

function passResult(report: PassReport, policy: ClientPolicy, nowMs: number) {
  const { outcome } = report;
  if (outcome.kind !== "passed") return { actions: [], lockHeld: outcome.reason === "LockHeld" };
  const jobs = new Map(outcome.vms.map((vm) => [vm.uuid, jobNameOf(vm, policy)]));
  const actions = stepsTaken(report).map(({ action, vm, uuid, reason }) => ({
    action,
    vm: vmHeader(vm),
    uuid,
    job: jobs.get(uuid) ?? "",
    reason,
  }));
  return { actions, lockHeld: false, publishing: outcome.publishing, counts: countsOf(report, policy, nowMs) };
}

/** Only of a pass that saw clearly: else VMs that are opted out, or new, could not be counted. */
function countsOf({ observation, outcome }: PassReport, policy: ClientPolicy, nowMs: number): ClientCounts | undefined {
  const sight = judgeObservation(observation);
  if (sight.kind !== "clear" || outcome.kind !== "passed") return undefined;
  const counter = new VmCounter(nowMs);
  for (const vm of outcome.vms) {
    if (!isShown(vm)) continue;
    const facts = vmFactsOf(vm, { policy, history: sight.history, before: () => undefined });
    counter.add({ facts, status: vmStatus(facts, nowMs) });
  }
  return counter.counts;
}
