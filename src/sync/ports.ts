import type { ClientIdentity, ClientPolicy } from "../domain/client/client-policy.ts";
import type { Discovery } from "../domain/discovery/discovery.ts";
import type { FileSetFile, JobEdit, JobFile } from "../domain/jobfile/job-file.ts";
import type { FileSetChange } from "../domain/jobfile/plugin-line.ts";
import type { JobDefsResource } from "../domain/policy/known-job-defs.ts";
import type { ShownDirectives } from "../domain/publishing/shown-directives.ts";
import type { NoNextRun } from "../domain/status/schedule-verdict.ts";

/**
 * What one pass needs of the world. Adapters in `bacula/`, `catalog/` and `volume/` keep these promises; the pass and
 * its tests know nothing else of them. Every method that waits ends early, by rejecting, when its signal aborts.
 */
export interface Ports {
  readonly director: Director;
  readonly catalog: Catalog;
  readonly volume: Volume;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
}

// ---------------------------------------------------------------------------------------------------- Director

/** The Director, by bconsole. Expected trouble is a value; only programming errors and aborts reject. */
export interface Director {
  /** Asks one proxy FD which VMs it sees (white paper 3.1). */
  listVms(client: ClientPolicy, signal: AbortSignal): Promise<Discovery>;
  /** The resources that a Job may refer to. One bconsole call. */
  resources(signal: AbortSignal): Promise<Answer<DirectorResources>>;
  /** Every JobDefs with what it sets itself, from `show all`: slow at many jobs, so asked only when needed. */
  jobDefs(signal: AbortSignal): Promise<Answer<readonly JobDefsResource[]>>;
  /** Names of all Jobs of type Backup (`.jobs type=B`). */
  backupJobs(signal: AbortSignal): Promise<Answer<ReadonlySet<string>>>;
  /**
   * What the Director really has of each of these jobs, its FileSet included (`show job=`); one that it does not show is
   * not in the answer. One bconsole call, of which each job takes a tenth of a second: for few of them.
   */
  showJobs(jobNames: readonly string[], signal: AbortSignal): Promise<Answer<ReadonlyMap<string, ShownDirectives>>>;
  /** Names of all Jobs that the Director does not run by itself: disabled in a file, or in the console (`show disabled`). */
  disabledJobs(signal: AbortSignal): Promise<Answer<ReadonlySet<string>>>;
  /** Whether each of these jobs has a next run by the Director's schedule, disabled Schedules and Clients included. */
  nextRuns(jobNames: readonly string[], signal: AbortSignal): Promise<Answer<ReadonlyMap<string, NextRun>>>;
  /** Reads the configuration again. Never called twice at once by one process. */
  reload(signal: AbortSignal): Promise<ReloadOutcome>;
  /**
   * Has the Director's configuration, as it stands in the files now, read by DIRECTOR_TEST_COMMAND (rule 7). Nothing
   * but its exit and its words are judged, and the running Director notices nothing.
   */
  testConfiguration(signal: AbortSignal): Promise<ConfigurationTest>;
  /** The JobIds of all jobs that run or wait in the Director (`.status dir current`). */
  currentJobs(signal: AbortSignal): Promise<Answer<ReadonlySet<number>>>;
  /** When the running Director was started, in its own words: another text means that it was started anew. */
  startTime(signal: AbortSignal): Promise<Answer<string>>;
  /**
   * When the running Director last took a configuration, at its start or by anybody's reload, in its own words: another
   * text means that it took one since.
   */
  lastConfigured(signal: AbortSignal): Promise<Answer<string>>;
  /** Queues a run of the job; the caller has checked that the job exists (an unknown one opens a menu). */
  runJob(jobName: string, signal: AbortSignal): Promise<Answer<{ readonly jobId: number }>>;
}

export type Answer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "unknown"; readonly reason: DirectorFailure; readonly detail: string };

export type DirectorFailure =
  | "DirectorUnreachable"
  | "ConsoleFailed"
  | "TimedOut"
  | "AnswerTooLarge"
  | "NotAuthorized"
  | "UnreadableAnswer";

/** The names the Director knows at this moment, by kind. */
export interface DirectorResources {
  readonly clients: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  readonly storages: ReadonlySet<string>;
  readonly schedules: ReadonlySet<string>;
  readonly messages: ReadonlySet<string>;
  /** Names of all Jobs of any type and of all FileSets: a slug that one of them has is taken (spec section 3). */
  readonly jobs: ReadonlySet<string>;
  readonly fileSets: ReadonlySet<string>;
}

export type NextRun =
  | { readonly kind: "scheduled" }
  | { readonly kind: "none"; readonly because: NoNextRun }
  /** The Director does not show the job, or shows it disabled by now. */
  | { readonly kind: "unknown" };

/**
 * `reloaded`: the console said nothing but perhaps `You have messages.`; whether the jobs are there is checked by
 * `backupJobs`. `busy`: nothing is wrong with the configuration, try later (rule 7). `refused`: the Director keeps
 * its previous configuration; one of its 32 reload slots is gone until it restarts. The file is known only where the
 * Director's log can be read (DIRECTOR_LOG).
 */
export type ReloadOutcome =
  | { readonly kind: "reloaded" }
  | { readonly kind: "busy"; readonly reason: "TooManyReloads" | "OutOfReloadSlots"; readonly detail: string }
  | ({ readonly kind: "refused" } & RefusedConfiguration)
  | { readonly kind: "unknown"; readonly reason: DirectorFailure; readonly detail: string };

/** What is known of why the Director does not take its configuration. */
export interface RefusedConfiguration {
  readonly detail: string;
  /** As the Director sees it; where reading stopped, which a missing brace may put behind the file at fault. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** `unknown`: the command did not run to its end, or may not read the configuration; it says nothing of any file. */
export type ConfigurationTest =
  | { readonly kind: "sound" }
  | ({ readonly kind: "broken" } & RefusedConfiguration)
  | { readonly kind: "notConfigured" }
  | { readonly kind: "unknown"; readonly detail: string };

// ----------------------------------------------------------------------------------------------------- catalog

/** The Bacula PostgreSQL catalog, read only. */
export interface Catalog {
  /** What the catalog knows of one client's backup jobs: exact ClientId, Type B, names that begin with the prefix. */
  history(client: ClientIdentity, signal: AbortSignal): Promise<CatalogAnswer>;
}

export type CatalogAnswer =
  | {
      readonly kind: "read";
      readonly history: CatalogHistory;
      /** The catalog's `now()` in ms, to compare with our clock (rule 3). */
      readonly catalogNowMs: number;
    }
  | { readonly kind: "unknown"; readonly reason: CatalogFailure; readonly detail: string };

export type CatalogFailure = "Unreachable" | "NotAuthorized" | "WrongSchema" | "TimedOut" | "QueryFailed";

/** By exact job name. A job without a row has never run, or its runs were pruned. */
export type CatalogHistory = ReadonlyMap<string, JobHistory>;

export interface JobHistory {
  /** The last backup with status T or W that holds files. */
  readonly lastGood?: BackupRun | undefined;
  /** The last finished run of any status. */
  readonly lastRun?: BackupRun | undefined;
  /** Runs that wait or work, by JobId; absent when there are none. */
  readonly unfinished?: readonly UnfinishedRun[] | undefined;
}

/** A run that has a row in the catalog and has not ended. */
export interface UnfinishedRun {
  readonly jobId: number;
  /** When it began, or is to begin while it waits; ms since the epoch, from JobTDate. */
  readonly startTimeMs: number;
}

export interface BackupRun {
  readonly jobId: number;
  /** `F`, `I`, `D` ... */
  readonly level: string;
  /** Bacula's JobStatus letter. */
  readonly status: string;
  /** From JobTDate, which is UTC; ms since the epoch. EndTime is Director-local without a zone. */
  readonly endTimeMs: number;
  /** Start of the run, ms; from EndTime-StartTime as a difference, so free of zones. */
  readonly startTimeMs: number;
  readonly bytes: number;
  readonly files: number;
  readonly fileSet: string;
}

// ------------------------------------------------------------------------------------------------------ volume

/** BASE_DIR: the tree of job files, the published files and our state (spec section 3, section 9 of its files). */
export interface Volume {
  /**
   * Runs `work` as the one writer of BASE_DIR: a flock that dies with this process. Within one process the lock is
   * shared by nobody: calls queue. `held`: another writer did not let go within the bounded wait; nothing ran.
   */
  withLock<T>(work: (tree: LockedTree) => Promise<T>, signal: AbortSignal): Promise<LockOutcome<T>>;
}

export type LockOutcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "held"; readonly holder: string }
  | { readonly kind: "unusable"; readonly reason: VolumeFailure; readonly detail: string };

export type VolumeFailure = "NotWritable" | "NotFound" | "NoSpace" | "WrongVolume" | "SymlinkRefused" | "ReadFailed";

/** Thrown by the methods of LockedTree when the volume refuses: `code` for branching, `cause` for the log. */
export interface VolumeErrorLike extends Error {
  readonly code: VolumeFailure;
}

/** What may be done while the lock is held. */
export interface LockedTree {
  /** Every VM folder of one client. Unchanged files (size, mtime, inode) are not read again. */
  readClient(client: ClientIdentity, signal: AbortSignal): Promise<ClientTree>;
  /**
   * Writes all changes of one client durably: temporary files, one sync, renames (fileset before job), folder fsync.
   * After a crash at any byte each file is the old or the new one. Edits are made on the bytes read right before the
   * rename. A change that fails is reported and does not stop the others. `onDurable` is told of the slugs of each part
   * of many changes as soon as it is durable; it must not throw.
   */
  write(
    client: ClientIdentity,
    changes: readonly FileChange[],
    signal: AbortSignal,
    onDurable?: (slugs: ReadonlySet<string>) => void,
  ): Promise<readonly FailedChange[]>;
  /** The present text of the client's published.conf; `undefined` when there is none. */
  readPublished(client: ClientIdentity): Promise<string | undefined>;
  /**
   * The text of the client's published.conf that the last proven reload left in force: that of `readPublished` unless a
   * reload is owed.
   */
  readProven(client: ClientIdentity): Promise<string | undefined>;
  /** The texts of the client's folders that have a job or fileset file, headers included, in the order of their slugs. */
  readTexts(client: ClientIdentity, signal: AbortSignal): Promise<readonly FolderTexts[]>;
  /**
   * Swaps the published files of the given clients and include.conf (built from the tree, spec section 3). The answer
   * puts everything back to the bytes of before; `commit` forgets them.
   */
  swapPublished(texts: ReadonlyMap<ClientIdentity, string>, signal: AbortSignal): Promise<PublishedSwap>;
  /** include.conf exists and lists exactly the published files that exist; true when it had to be repaired. */
  repairInclude(signal: AbortSignal): Promise<boolean>;
  /**
   * Replaces published files with which the Director would not start. That is never put back, also not to older bytes;
   * a reload is owed.
   */
  repairPublished(texts: ReadonlyMap<ClientIdentity, string>, signal: AbortSignal): Promise<void>;
  /**
   * Files were swapped or repaired, and no reload that followed has been proven good: the mark is durable, so a crash
   * between swap and reload is known at the next start. While it is there `swapPublished` answers `changed: true`
   * whatever the texts are, and its `putBack` leads to the bytes of the last `commit`.
   */
  reloadOwed(): Promise<boolean>;
  /** Whether `BASE_DIR/HOLD` is there, the kill switch: nothing may be disabled, purged or deleted. */
  isOnHold(): Promise<boolean>;
  /** Whose file the Director means by this path; `undefined`: none that we publish. */
  publishedAt(directorPath: string): PublishedPath | undefined;
  /** Replaces `purge.json` of a folder whose purge is under way; durable when it resolves. */
  writePurgeRecord(client: ClientIdentity, slug: string, record: object): Promise<void>;
  /**
   * The last step of a purge: fileset, copies of ours, `job.purging`, `purge.json`, and the folder when nothing else is
   * in it. Refuses a folder that has a `job`.
   */
  removePurged(client: ClientIdentity, slug: string): Promise<void>;
  /** Small JSON documents in `.bacula-openstack-sync/`; may be lost at any time. `undefined`: lost or unreadable. */
  readState(name: string): Promise<unknown>;
  writeState(name: string, value: unknown): Promise<void>;
  /** The id of this volume; `undefined` where no sync has written yet, or the state was lost (`WrongVolume`). */
  volumeId(): Promise<string | undefined>;
  /** Gives the volume an id if it has none, once the pass is sure that it is the right one; answers the id. */
  adoptVolume(): Promise<string>;
}

export type PublishedPath =
  | { readonly kind: "include" }
  | ({ readonly kind: "published" } & Pick<ClientIdentity, "datacenter" | "openstack">);

export interface PublishedSwap {
  /** False: every byte was there before, nothing was written and nothing needs a reload. */
  readonly changed: boolean;
  /** After a refused reload: the bytes of the last good one are in force again and no reload is owed. */
  putBack(): Promise<void>;
  /** After a reload that was proven good: these bytes are the last good ones, and no reload is owed any more. */
  commit(): Promise<void>;
}

export interface ClientTree {
  /** Changes when any job or fileset file of the client does (from sizes, times and inodes; no file is read for it). */
  readonly version: string;
  readonly folders: readonly VmFolder[];
}

/** One folder `BASE_DIR/<datacenter>/<openstack>/<slug>`. */
export type VmFolder =
  | { readonly kind: "ours"; readonly slug: string; readonly job: JobFile; readonly fileSet?: FileSetFile | undefined }
  /** Hand-written, without `#@` headers: published as it is, never touched. */
  | { readonly kind: "foreign"; readonly slug: string; readonly jobName?: string | undefined }
  /** Has `#@` headers but cannot be read; the last published bytes stay in force. */
  | { readonly kind: "unreadable"; readonly slug: string; readonly uuid?: string | undefined; readonly reason: string }
  /** A fileset without a job: a crash between the two writes of the new VM that a plugin line names, or a person's. */
  | { readonly kind: "unfinished"; readonly slug: string; readonly plugins: readonly string[] }
  /**
   * Its purge is under way: `job.purging` instead of `job`. Nothing of it is published. `record` is what `purge.json`
   * says, `undefined` when that cannot be read. Without `job` only remains of a completed purge are there.
   */
  | { readonly kind: "purging"; readonly slug: string; readonly job?: JobFile | undefined; readonly record: unknown };

export interface FolderTexts {
  readonly slug: string;
  readonly job?: string | undefined;
  readonly fileSet?: string | undefined;
  /** What `job.rejected` says; undefined where there is none, or none that can be read. */
  readonly rejected?: string | undefined;
}

export type FileChange =
  | { readonly kind: "create"; readonly slug: string; readonly job: string; readonly fileSet: string }
  | { readonly kind: "edit"; readonly slug: string; readonly edit: JobEdit }
  | { readonly kind: "editFileSet"; readonly slug: string; readonly change: FileSetChange }
  /** Writes `job.rejected` into a folder that is there (spec section 3, "Rejected"). */
  | { readonly kind: "reject"; readonly slug: string; readonly text: string }
  /** Removes `job.rejected` of a folder that is accepted again. */
  | { readonly kind: "unreject"; readonly slug: string }
  /**
   * Writes `purge.json`, then renames `job` to `job.purging`. Fails when the job is not that VM's any more, or a person
   * has just put a hold or a suspension into it.
   */
  | { readonly kind: "beginPurge"; readonly slug: string; readonly uuid: string; readonly record: object }
  /** Ends a purge that may not go on: `job.purging` is `job` again, edited, and `purge.json` is gone. */
  | { readonly kind: "putBack"; readonly slug: string; readonly edit: JobEdit };

export interface FailedChange {
  readonly slug: string;
  readonly reason: VolumeFailure;
  readonly detail: string;
}
