import type { VmReport } from "./pass-report.ts";
import { type PlannedAction, planOfVm } from "./plan-of-report.ts";
import type { WhatWaits } from "./what-waits.ts";

/** A step of the plan, and why it would wait for a person; absent: it would be taken. */
export interface PlannedStep extends PlannedAction {
  readonly waits?: string | undefined;
}

/** The plan of one VM, step by step. */
export function plannedSteps(vm: VmReport, { removals, pluginLines }: WhatWaits): readonly PlannedStep[] {
  const { fileSetEdit, ...withoutFileSet } = vm;
  const own = planOfVm(withoutFileSet).map((step) => ({
    ...step,
    waits: isRemoval(vm) ? removals?.message : undefined,
  }));
  if (fileSetEdit === undefined) return own;
  const ofFileSet = planOfVm({ ...vm, decision: { kind: "unchanged" } });
  const waits = fileSetEdit === "Plugin" ? pluginLines?.message : undefined;
  return [...own, ...ofFileSet.map((step) => ({ ...step, waits }))];
}

function isRemoval({ decision: { kind } }: VmReport): boolean {
  return kind === "markMissing" || kind === "disable" || kind === "purge";
}
