import type { ClientPolicy } from "../client/client-policy.ts";
import type { VmWishes } from "../discovery/discovery.ts";
import type { JobFile } from "../jobfile/job-file.ts";
import type { Decision } from "../lifecycle/decide-lifecycle.ts";
import type { JobDefsChoice } from "../policy/choose-job-defs.ts";
import type { ScheduleVerdict } from "./schedule-verdict.ts";
import type { VmStatus } from "./vm-status-shape.ts";

/** All that one VM's status is made of, as it stands after a pass. */
export interface VmFacts {
  /** Absent: the VM has no job file. */
  readonly job?: JobFile | undefined;
  readonly sighting: "live" | "absent" | "unseen";
  /** Absent: not in a trusted listing. */
  readonly wishes?: VmWishes | undefined;
  readonly decision: { readonly kind: Decision["kind"] };
  readonly jobDefs: JobDefsChoice;
  /** Absent: no change of its tags waits (rule 8). */
  readonly tagChangeWaitsUntilMs?: number | undefined;
  readonly publishing: VmPublishing;
  /** Absent: the catalog could not be read; then `before` counts. */
  readonly history?: VmHistory | undefined;
  /** The part of the absence in which discovery did not work, ms. */
  readonly blindMs: number;
  readonly isPurging?: boolean | undefined;
  /** Lines of the job file that go before those of the tag's JobDefs. Absent: not known, and what `before` shows counts. */
  readonly shadowed?: readonly string[] | undefined;
  /** Whether the Director would run the job by itself. Absent: not known, and what `before` shows counts. */
  readonly schedule?: ScheduleVerdict | undefined;
  readonly policy: Pick<ClientPolicy, "graceDays" | "cleanupAfterDays" | "maxBackupAgeMs">;
  /**
   * The status as it is now. Needed only where something could not be seen (`sighting` is unseen, no `history`, no
   * `schedule`): trouble of the whole client is told on the OpenStackClient and changes nothing here.
   */
  readonly before?: VmStatus | undefined;
}

export type VmPublishing =
  | { readonly kind: "published" }
  | { readonly kind: "none" }
  | { readonly kind: "pending"; readonly lastGoodPublished?: boolean | undefined }
  | { readonly kind: "rejected"; readonly reason: string; readonly lastGoodPublished: boolean };

/** What the catalog knows of the VM's job. */
export interface VmHistory {
  readonly lastGood?: Run | undefined;
  readonly lastRun?: Run | undefined;
}

export interface Run {
  readonly jobId: number;
  readonly level: string;
  readonly status: string;
  readonly endTimeMs: number;
  readonly bytes: number;
  readonly files: number;
  readonly fileSet: string;
}

/**
 * Whether the VM asked not to be backed up. Where its wishes cannot be read (not seen, or a record that can be read in
 * two ways) what was last known stays.
 */
export function isOptedOut({ wishes, sighting, before }: VmFacts): boolean {
  if (wishes?.kind === "read") return wishes.optedOut;
  return sighting !== "absent" && before?.phase === "OptedOut";
}

/**
 * Whether the VM exists as far as one can know: it is listed, or could not be looked for and was not absent before. A
 * failed discovery must not make the number of unprotected VMs look better.
 */
export function isLive({ sighting, job }: VmFacts): boolean {
  if (sighting !== "unseen") return sighting === "live";
  return job !== undefined && job.headers.missingSince === undefined && job.headers.status === "active";
}
