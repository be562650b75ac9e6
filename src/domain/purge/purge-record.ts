/**
 * `purge.json` in a VM's folder: all that a purge needs to go on after it was cut off at any point (spec section 6). It
 * is on the disk before the first thing is deleted, so that nothing has to be remembered or guessed.
 *
 * Stages, each done again from its start when it was cut off:
 * `withdrawing`: `job` is `job.purging` (or about to be); nothing is deleted, and the Director may still have the job.
 * `deleting`: the Director was seen without the job, and what is to go is written down: its runs, then what is left.
 * `volumes`: nothing of the job is in the catalog; volumes that it was on may have become empty.
 * `removing`: only the folder is left to go.
 */
export interface PurgeRecord {
  readonly version: 1;
  readonly uuid: string;
  readonly jobName: string;
  readonly fileSetName: string;
  /** When it began, ms since the epoch. */
  readonly begunMs: number;
  readonly stage: PurgeStage;
  /** Of its runs, by exact Name and ClientId. */
  readonly jobIds: readonly number[];
  /** Rows of table Object that belong to these runs: their tags can be found by nothing else afterwards. */
  readonly objectIds: readonly number[];
  /** The volumes that the runs were on. */
  readonly volumes: readonly RecordedVolume[];
  /** When its volumes were looked at first, ms since the epoch: a busy Director is not waited for without end. */
  readonly volumesSinceMs?: number | undefined;
  /** What a person has to do, told once the folder is gone. */
  readonly actionsRequired: readonly string[];
}

export type PurgeStage = "withdrawing" | "deleting" | "volumes" | "removing";

/** A volume as it was when the runs were still on it: its row may be gone by the time that it is told of. */
export interface RecordedVolume {
  readonly mediaId: number;
  readonly name: string;
  readonly mediaType: string;
  readonly storage: string;
  readonly pool: string;
}

/** The record that a purge begins with. */
export function newPurgeRecord(
  vm: { readonly uuid: string; readonly jobName: string; readonly fileSetName: string },
  begunMs: number,
): PurgeRecord {
  const { uuid, jobName, fileSetName } = vm;
  const nothing = { jobIds: [], objectIds: [], volumes: [], actionsRequired: [] };
  return { version: 1, uuid, jobName, fileSetName, begunMs, stage: "withdrawing", ...nothing };
}

/** What is to go, with what was found by looking again: what is written down once is never dropped. */
export function withFindings(
  record: PurgeRecord,
  found: Pick<PurgeRecord, "jobIds" | "objectIds" | "volumes">,
): PurgeRecord {
  const volumes = new Map([...record.volumes, ...found.volumes].map((volume) => [volume.mediaId, volume]));
  return {
    ...record,
    jobIds: union(record.jobIds, found.jobIds),
    objectIds: union(record.objectIds, found.objectIds),
    volumes: [...volumes.values()].sort((a, b) => a.mediaId - b.mediaId),
  };
}

function union(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
