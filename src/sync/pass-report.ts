import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { Discovery, VmWishes } from "../domain/discovery/discovery.ts";
import type { JobFile } from "../domain/jobfile/job-file.ts";
import type { Decision } from "../domain/lifecycle/decide-lifecycle.ts";
import type { RemovalVerdict } from "../domain/lifecycle/judge-removals.ts";
import type { JobDefsChoice } from "../domain/policy/choose-job-defs.ts";
import type { FrontEndVerdict } from "../domain/policy/judge-front-end.ts";
import type { PluginVerdict } from "../domain/policy/judge-plugin-edits.ts";
import type { MissingReference } from "../domain/publishing/references.ts";
import type { PurgeObstacle } from "../domain/purge/judge-purge.ts";
import type { ScheduleVerdict } from "../domain/status/schedule-verdict.ts";
import type { Foreseen } from "./decide/foreseen.ts";
import type { CatalogAnswer, DirectorFailure, FailedChange, VolumeFailure } from "./ports.ts";

/** What was seen of one client before anything is decided; taken without a lock, and used again until the next one. */
export interface Observation {
  readonly discovery: Discovery;
  readonly catalog: CatalogAnswer;
  /** When it was taken, ms since the epoch. */
  readonly atMs: number;
  /** Whether the listing was asked for again and showed the same VMs: only then an absence counts (rule 1). */
  readonly absences: "unconfirmed" | "confirmed";
}

/** All that one pass over one client saw, decided and did. Both front ends tell their users from this alone. */
export interface PassReport {
  readonly policy: ClientPolicy;
  readonly observation: Observation;
  readonly outcome: PassOutcome;
}

export type PassOutcome =
  /** The tree was read and decided on; `vms` has every VM of the client, live or with a job file. */
  | {
      readonly kind: "passed";
      readonly vms: readonly VmReport[];
      readonly publishing: PublishOutcome;
      readonly failedChanges: readonly FailedChange[];
      /** What the client's own policy names and the Director does not have; nothing new was written then. */
      readonly unknownReferences: readonly MissingReference[];
      /** Whether the steps that take protection away were taken. */
      readonly removals: RemovalVerdict;
      /** Whether Plugin lines follow a changed policy, which makes their jobs' next runs Fulls. */
      readonly pluginEdits: PluginVerdict;
      /** Whether this front end's policy is in force, as it stands after the pass. */
      readonly frontEnd: FrontEndVerdict;
      /** Only of a dry run that was asked for it. */
      readonly foreseen?: Foreseen | undefined;
    }
  /** Nothing was read or written: the volume refused, or another writer held the lock. */
  | { readonly kind: "volume"; readonly reason: VolumeFailure | "LockHeld"; readonly detail: string };

/** A VM that just got its job file, before there is anything else to tell of it. */
export interface NewVm {
  readonly uuid: string;
  /** The display name, as the tenant chose it. */
  readonly name: string;
  readonly slug: string;
}

export interface VmReport {
  readonly uuid: string;
  /** The display name: the tenant's when live, else the header's. */
  readonly name: string;
  readonly slug?: string | undefined;
  /** As it stands on the volume after this pass. */
  readonly job?: JobFile | undefined;
  /** Undefined: not in the last trusted answer, or no answer to trust. */
  readonly wishes?: VmWishes | undefined;
  readonly sighting: "live" | "absent" | "unseen";
  readonly decision: Decision;
  /** The part of its absence in which discovery did not work, ms. */
  readonly blindMs: number;
  /** Not listed, but backed up since it went missing: it exists (rule 3). */
  readonly isContradicted: boolean;
  readonly jobDefs: JobDefsChoice;
  /** Lines of the job file that go before those of the tag's JobDefs; absent: not known, or no job. */
  readonly shadowed?: readonly string[] | undefined;
  /** Its tags changed again too soon (rule 8): until when what they ask for now waits, ms since the epoch. */
  readonly tagChangeWaitsUntilMs?: number | undefined;
  /** What of its FileSet follows a changed policy, by this pass or when it is approved; absent: nothing. */
  readonly fileSetEdit?: "Options" | "Plugin" | undefined;
  readonly publishing: VmPublishing;
  /** Whether the Director would run the published job by itself; absent where that is not known. */
  readonly schedule?: ScheduleVerdict | undefined;
  /** Its purge is under way: its job is withdrawn, and `job` is what `job.purging` says. */
  readonly isPurging?: boolean | undefined;
  /** Only where this pass worked on the VM's purge: how that ended. */
  readonly purge?: PurgeOutcome | undefined;
  /** Only where this pass tried to start the VM's first backup. */
  readonly firstBackup?: FirstBackupOutcome | undefined;
}

export type PurgeOutcome =
  /** Nothing of it is left in the catalog or on the volume, but for what the lines say. */
  | { readonly kind: "purged"; readonly runs: number; readonly actionsRequired: readonly string[] }
  /** It goes on in the next pass. */
  | { readonly kind: "waits"; readonly reason: string }
  /** It may not go on; the job is back as it was. */
  | { readonly kind: "stopped"; readonly obstacle: PurgeObstacle };

export type FirstBackupOutcome =
  | { readonly kind: "started"; readonly jobId: number }
  /** The Director did not say that it took it. */
  | { readonly kind: "failed"; readonly reason: DirectorFailure; readonly detail: string };

export type VmPublishing =
  | { readonly kind: "published" }
  /** There is no job to publish: opted out, or not written yet. */
  | { readonly kind: "none" }
  /** Written, but the Director has not taken it yet; the client's Published says why. */
  | { readonly kind: "pending"; readonly lastGoodPublished: boolean }
  | { readonly kind: "rejected"; readonly reason: string; readonly lastGoodPublished: boolean };

export type PublishOutcome =
  /** Every published byte stands, and the Director has it. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "published"; readonly jobs: number }
  /** Nothing is wrong, the Director could not do it now; tried again. */
  | {
      readonly kind: "busy";
      readonly reason:
        | "TooManyReloads"
        | "OutOfReloadSlots"
        | "SlotsPinnedByJobs"
        | "JobListUnchanged"
        | "JobsUnchanged";
      readonly detail: string;
    }
  /** The Director refused; the last good bytes are back. */
  | { readonly kind: "refused"; readonly detail: string }
  /** Its configuration has an error that is not ours; the last good bytes are in force. Tried again. */
  | { readonly kind: "directorInvalid"; readonly detail: string }
  /** The Director, or the volume, did not answer; the last good bytes are in force. */
  | { readonly kind: "failed"; readonly reason: string; readonly detail: string }
  /** The files are in place; the reload is left to the administrator (RELOAD_AFTER_SYNC=0). */
  | { readonly kind: "reloadLeft"; readonly detail: string }
  /** Dry run: what would be published was not. */
  | { readonly kind: "dryRun" };
