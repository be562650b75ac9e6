import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import type { PurgeSurvey } from "../../domain/purge/judge-purge.ts";
import type { PurgeRecord } from "../../domain/purge/purge-record.ts";
import type { VolumeNow } from "../../domain/purge/purge-volume.ts";
import type { Answer, CatalogFailure } from "../ports.ts";

/**
 * What only a purge needs of the world; handed in apart from the other ports, with a Console and a database role of their
 * own, so that a pass which purges nothing has no right to (spec section 8, PURGE_CONSOLE_CONF and PURGE_DB_USER).
 */
export interface PurgePorts {
  readonly director: PurgeDirector;
  readonly catalog: PurgeCatalog;
}

/** Commands of the Director that delete. Never `purge jobs`: one wrong word of it purges a whole client. */
export interface PurgeDirector {
  /** JobIds of all runs that the Director has in hand, waiting ones included: only it knows (`.status dir current`). */
  runningJobs(signal: AbortSignal): Promise<Answer<ReadonlySet<number>>>;
  /**
   * Has the Director delete exactly these runs (`delete jobid=`). It skips running ones and those that the Console may
   * not see without saying so: the catalog is to be asked what is left.
   */
  deleteRuns(jobIds: readonly number[], signal: AbortSignal): Promise<Answer<"asked">>;
  /** Has Bacula mark a Full or Used volume without jobs Purged. Whether it did is the catalog's to say. */
  markPurged(volume: string, signal: AbortSignal): Promise<Answer<"asked">>;
  /** Has the Storage Daemon cut a Purged volume's file. */
  truncate(volume: { name: string; pool: string; storage: string }, signal: AbortSignal): Promise<Answer<"asked">>;
  /** Deletes the row of a Purged volume; its file stays. */
  deleteVolume(volume: string, signal: AbortSignal): Promise<Answer<"asked">>;
}

/** The catalog as a purge needs it. Trouble is a value; nothing was changed then, or all of one transaction was undone. */
export interface PurgeCatalog {
  /** All that there is under the exact name of a job and the exact Client. */
  survey(client: ClientIdentity, jobName: string, signal: AbortSignal): Promise<PurgeAnswer<PurgeSurvey>>;
  /**
   * Deletes the rows of these runs that Bacula's own delete has left, and the FileSet's when nothing refers to it, in
   * one transaction. Rows of a run that is still in table Job are never touched: then everything stays.
   */
  deleteLeftovers(leftovers: Leftovers, signal: AbortSignal): Promise<PurgeAnswer<LeftoversEnd>>;
  /** How these volumes are now, in the given order. */
  volumes(mediaIds: readonly number[], signal: AbortSignal): Promise<PurgeAnswer<readonly VolumeNow[]>>;
}

export type Leftovers = Pick<PurgeRecord, "jobIds" | "objectIds"> & {
  /** Undefined: no FileSet is to go. */
  readonly fileSetName?: string | undefined;
};

/** `runsLeft`: some of the runs are still in table Job, so nothing was deleted. */
export type LeftoversEnd = { readonly kind: "deleted"; readonly rows: number } | { readonly kind: "runsLeft" };

export type PurgeAnswer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "unknown"; readonly reason: CatalogFailure; readonly detail: string };
