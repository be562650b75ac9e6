import { type ComingStep, whatComes } from "../domain/lifecycle/what-comes.ts";
import { explainVm, type VmExplanation } from "../domain/status/explain-vm.ts";
import type { VmFacts } from "../domain/status/vm-facts.ts";
import { type VmStatus, vmStatus } from "../domain/status/vm-status.ts";
import type { PassReport, VmReport } from "./pass-report.ts";
import { type PlannedStep, plannedSteps } from "./planned-steps.ts";
import { isShown, jobNameOf, vmFactsOf } from "./vm-facts-of.ts";
import { whatWaits } from "./what-waits.ts";

/** One VM as a look at its client found it, with all that can be said of it. */
export interface SeenVm {
  readonly vm: VmReport;
  /** The name of its Job, or the one that it would have. */
  readonly jobName: string;
  readonly facts: VmFacts;
  readonly status: VmStatus;
  readonly explanation: VmExplanation;
  /** What the next pass does for it. */
  readonly planned: readonly PlannedStep[];
  /** What comes by itself until the moment that was asked for. */
  readonly coming: readonly ComingStep[];
}

/**
 * Explains every VM of one client, from one dry run. Nothing was shown before, so what could not be seen is not known;
 * but what the catalog says counts also while the File Daemon does not answer.
 */
export function* seenVms(report: PassReport, nowMs: number, untilMs = Infinity): Generator<SeenVm, void, undefined> {
  const { policy, observation, outcome } = report;
  if (outcome.kind !== "passed") return;
  const { catalog } = observation;
  const history = catalog.kind === "read" ? catalog.history : undefined;
  const waits = whatWaits(report);
  for (const vm of outcome.vms) {
    if (!isShown(vm)) continue;
    const facts = vmFactsOf(vm, { policy, history, before: () => undefined });
    const status = vmStatus(facts, nowMs);
    const coming = comingSteps(report, vm, nowMs, untilMs);
    const planned = plannedSteps(vm, waits);
    const explanation = explainVm(facts, status, { planned, coming, isContradicted: vm.isContradicted }, nowMs);
    yield { vm, jobName: jobNameOf(vm, policy), facts, status, explanation, planned, coming };
  }
}

function comingSteps({ policy, outcome }: PassReport, vm: VmReport, nowMs: number, untilMs: number) {
  // Under HOLD the clock of every absence stands still.
  if (outcome.kind !== "passed" || outcome.foreseen?.removals.kind === "killSwitch") return [];
  const isHeld = outcome.frontEnd.kind === "held";
  return whatComes(vm, isHeld ? { ...policy, optOutAction: "Leave" } : policy, nowMs, untilMs);
}
