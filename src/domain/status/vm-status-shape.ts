import type { JobDefsSource } from "../policy/choose-job-defs.ts";
import type { Condition } from "./condition.ts";
import type { VmConditionType } from "./reasons.ts";

/** `status` of a ManagedVM, without what its writer adds (`observedGeneration`, times of transition). Times are ISO. */
export interface VmStatus {
  readonly phase: VmPhase;
  readonly jobName?: string | undefined;
  readonly fileSetName?: string | undefined;
  readonly jobDefs?: { readonly name: string; readonly from: JobDefsSource } | undefined;
  readonly missingSince?: string | undefined;
  readonly disableAt?: string | undefined;
  readonly disabledSince?: string | undefined;
  readonly purgeAt?: string | undefined;
  readonly lastBackup?: {
    readonly jobId: number;
    readonly level: string;
    readonly status: string;
    readonly endTime: string;
    readonly bytes: number;
  };
  readonly lastRun?: { readonly jobId: number; readonly status: string; readonly endTime: string };
  readonly conditions: readonly Condition<VmConditionType>[];
}

export type VmPhase = "Active" | "Missing" | "Disabled" | "OptedOut" | "Rejected" | "Purging";
