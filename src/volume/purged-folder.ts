import { lstatSync } from "node:fs";
import { rename, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ClientIdentity } from "../domain/client/client-policy.ts";
import { editJob } from "../domain/jobfile/edit-job.ts";
import type { JobEdit } from "../domain/jobfile/job-file.ts";
import { parseJobFile } from "../domain/jobfile/parse-job-file.ts";
import { noteWriting } from "./durable/dead-writer.ts";
import { refuseUnlessFolder } from "./durable/file-rights.ts";
import { type ReplaceUnit, replaceFiles } from "./durable/replace-files.ts";
import { syncPath } from "./durable/sync-to-disk.ts";
import { type Layout, PURGE_RECORD_NAME, PURGING_NAME, REJECTED_NAME } from "./layout.ts";
import { encodeLossless } from "./lossless-text.ts";
import { removeIfThere } from "./remove-if-there.ts";
import { readPlainFile } from "./tree/read-plain-file.ts";
import { systemCode, toVolumeError, VolumeError } from "./volume-error.ts";

export interface PurgedFolderContext {
  readonly layout: Layout;
  readonly newFileGid: number;
  /** Throws when the lock is no longer surely ours. */
  readonly assertLocked: () => void;
}

/** One change of two steps: files that are replaced, and what follows when they are on the disk. */
export interface TwoSteps {
  readonly unit: ReplaceUnit;
  readonly followUp: () => Promise<void>;
}

/** `purge.json` first, so that a purge which is cut off behind the rename knows what it is. */
export function beginPurge(folder: string, uuid: string, record: object): TwoSteps {
  refuseUnlessFolder(lstatSync(folder), folder);
  const job = join(folder, "job");
  refuseUnlessPurgeable(job, uuid);
  return {
    unit: { files: [recordFile(folder, record)] },
    followUp: async () => {
      // A person may have been faster: the file is read again right before the rename (spec section 3).
      refuseUnlessPurgeable(job, uuid);
      await rename(job, join(folder, PURGING_NAME));
      await syncPath(folder);
    },
  };
}

/** The job first: as soon as it is there, `job.purging` beside it means nothing. */
export function putBack(folder: string, edit: JobEdit): TwoSteps {
  refuseUnlessFolder(lstatSync(folder), folder);
  const job = join(folder, "job");
  const purging = join(folder, PURGING_NAME);
  const bytesNow = () => {
    if (lstatSync(job, { throwIfNoEntry: false }) !== undefined)
      throw new VolumeError("NotWritable", `${job} is there already; it is read in the next pass`);
    const text = readPlainFile(purging);
    if (text === undefined) throw new VolumeError("NotFound", `${purging} is gone; nothing was put back`);
    return encodeLossless(editJob(text, edit));
  };
  return {
    unit: { files: [{ target: job, bytes: bytesNow(), bytesNow }] },
    followUp: async () => {
      await removeIfThere(purging);
      await removeIfThere(join(folder, PURGE_RECORD_NAME));
      await syncPath(folder);
    },
  };
}

export async function writePurgeRecord(
  client: ClientIdentity,
  slug: string,
  record: object,
  { layout, newFileGid, assertLocked }: PurgedFolderContext,
): Promise<void> {
  assertLocked();
  const folder = layout.vmDir(client, slug);
  refuseUnlessFolder(lstatSync(folder), folder);
  const unit = { files: [recordFile(folder, record)] };
  await noteWriting([client], layout, newFileGid, async () => {
    const options = { syncRoot: layout.clientDir(client), newFileGid, signal: new AbortController().signal };
    const error = (await replaceFiles([unit], options)).get(unit);
    if (error !== undefined) throw error;
  });
}

/**
 * In this order, so that a crash at any point leaves a folder that is known for what it is: while `job.purging` is there
 * its purge is completed, and a `purge.json` that is alone says that only it is left.
 */
export async function removePurged(
  client: ClientIdentity,
  slug: string,
  { layout, assertLocked }: PurgedFolderContext,
): Promise<void> {
  assertLocked();
  const folder = layout.vmDir(client, slug);
  try {
    refuseUnlessFolder(lstatSync(folder), folder);
    const job = join(folder, "job");
    if (lstatSync(job, { throwIfNoEntry: false }) !== undefined)
      throw new VolumeError("NotWritable", `${job} is there again; its folder stays`);
    for (const name of ["fileset", REJECTED_NAME, PURGING_NAME, PURGE_RECORD_NAME]) {
      if (await removeIfThere(join(folder, name))) await syncPath(folder);
    }
    await removeIfEmpty(folder);
  } catch (error) {
    throw toVolumeError(error, "write", folder);
  }
}

/** A person's own notes in it keep the folder. */
async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) return;
    throw error;
  }
  await syncPath(dirname(folder));
}

function refuseUnlessPurgeable(job: string, uuid: string): void {
  const text = readPlainFile(job);
  // The zone matters for times only, and none of them is asked here.
  const read = text === undefined ? undefined : parseJobFile(text, { timeZone: "UTC" });
  const headers = read?.kind === "read" ? read.value.headers : undefined;
  const isStill =
    headers?.uuid === uuid &&
    headers.status === "disabled" &&
    headers.hold === undefined &&
    headers.suspend === undefined;
  if (!isStill) throw new VolumeError("NotWritable", `${job} has changed since it was decided to purge it; it stays`);
}

function recordFile(folder: string, record: object) {
  return { target: join(folder, PURGE_RECORD_NAME), bytes: Buffer.from(`${JSON.stringify(record)}\n`) };
}
