import { lstatSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ClientIdentity } from "../domain/client/client-policy.ts";
import { editJob } from "../domain/jobfile/edit-job.ts";
import type { JobEdit } from "../domain/jobfile/job-file.ts";
import type { FailedChange, FileChange } from "../sync/ports.ts";
import { noteWriting } from "./durable/dead-writer.ts";
import { ensureFolder, refuseUnlessFolder } from "./durable/file-rights.ts";
import { type ReplaceUnit, replaceFiles } from "./durable/replace-files.ts";
import { syncPath } from "./durable/sync-to-disk.ts";
import type { Layout } from "./layout.ts";
import { encodeLossless } from "./lossless-text.ts";
import { startTimeSlice } from "./time-slice.ts";
import { readPlainFile } from "./tree/read-plain-file.ts";
import { toVolumeError, VolumeError } from "./volume-error.ts";

export interface ChangeContext {
  readonly layout: Layout;
  readonly newFileGid: number;
  /** Throws when the lock is no longer surely ours. */
  readonly assertLocked: () => void;
}

/** One sync and as many temporary files at a time. */
const CHANGES_PER_BATCH = 2000;

/**
 * Applies the changes of one client durably (see LockedTree.write). What fails for one change is in the answer; what
 * fails for all, such as a full disk before anything could be written, is thrown.
 */
export async function writeChanges(
  client: ClientIdentity,
  changes: readonly FileChange[],
  context: ChangeContext,
  signal: AbortSignal,
): Promise<readonly FailedChange[]> {
  if (changes.length === 0) return [];
  context.assertLocked();
  return noteWriting([client], context.layout, context.newFileGid, async () => {
    const failed: FailedChange[] = [];
    for (let i = 0; i < changes.length; i += CHANGES_PER_BATCH) {
      failed.push(...(await writeBatch(client, changes.slice(i, i + CHANGES_PER_BATCH), context, signal)));
    }
    return failed;
  });
}

async function writeBatch(
  client: ClientIdentity,
  changes: readonly FileChange[],
  context: ChangeContext,
  signal: AbortSignal,
): Promise<readonly FailedChange[]> {
  refuseLinkedClient(context.layout.clientDir(client));
  const failed: FailedChange[] = [];
  const slugOf = new Map<ReplaceUnit, string>();
  const emptied = new Set<string>();
  const slice = startTimeSlice();
  for (const change of changes) {
    if (slice.isUsedUp()) await slice.pause(signal);
    try {
      const folder = context.layout.vmDir(client, change.slug);
      if (change.kind === "unreject") {
        if (removeIfThere(join(folder, "job.rejected"))) emptied.add(folder);
        continue;
      }
      const unit = unitOf(change, folder, context);
      if (unit !== undefined) slugOf.set(unit, change.slug);
    } catch (error) {
      failed.push(failure(change.slug, toVolumeError(error, "write", change.slug)));
    }
  }
  const errors = await replaceFiles([...slugOf.keys()], {
    syncRoot: context.layout.clientDir(client),
    newFileGid: context.newFileGid,
    signal,
  });
  for (const [unit, error] of errors) failed.push(failure(slugOf.get(unit) ?? "", error));
  for (const folder of emptied) await syncPath(folder);
  return failed;
}

/** What is to be written for a change; `undefined`: the file says so already. */
function unitOf(
  change: Exclude<FileChange, { kind: "unreject" }>,
  folder: string,
  context: ChangeContext,
): ReplaceUnit | undefined {
  switch (change.kind) {
    case "create":
      return createUnit(change, folder, context);
    case "edit":
      refuseUnlessFolder(lstatSync(folder), folder);
      return editUnit(change.edit, join(folder, "job"));
    case "reject": {
      const bytes = encodeLossless(`# Rejected: ${oneLine(change.reason)}\n${change.text}`);
      const target = join(folder, "job.rejected");
      const made = ensureVmFolder(folder, context);
      return { files: [{ target, bytes }], foldersToSync: made };
    }
    default:
      return change satisfies never;
  }
}

function createUnit(
  change: Extract<FileChange, { kind: "create" }>,
  folder: string,
  context: ChangeContext,
): ReplaceUnit {
  const made = ensureVmFolder(folder, context);
  const job = { target: join(folder, "job"), bytes: encodeLossless(change.job) };
  const fileSet = { target: join(folder, "fileset"), bytes: encodeLossless(change.fileSet) };
  // A job that appeared since the tree was read is a person's (or a restored backup's): it is never overwritten.
  const unlessThere = (bytes: Buffer) => () => {
    const present = lstatSync(job.target, { throwIfNoEntry: false });
    if (present === undefined) return bytes;
    throw new VolumeError("NotWritable", `${job.target} is there already; it is read in the next pass`);
  };
  unlessThere(job.bytes)();
  return {
    files: [
      { ...fileSet, bytesNow: unlessThere(fileSet.bytes) },
      { ...job, bytesNow: unlessThere(job.bytes) },
    ],
    foldersToSync: made,
  };
}

function editUnit(edit: JobEdit, target: string): ReplaceUnit | undefined {
  const editPresent = () => {
    const text = readPlainFile(target);
    if (text === undefined) throw new VolumeError("NotFound", `${target} is gone; nothing was edited`);
    return { text, edited: editJob(text, edit) };
  };
  const { text, edited } = editPresent();
  if (edited === text) return undefined;
  return { files: [{ target, bytes: encodeLossless(edited), bytesNow: () => encodeLossless(editPresent().edited) }] };
}

/** Makes datacenter, OpenStack and VM folder where needed; answers the parents whose entries are new. */
function ensureVmFolder(folder: string, { layout, newFileGid }: ChangeContext): readonly string[] {
  const openstack = dirname(folder);
  const datacenter = dirname(openstack);
  const made: string[] = [];
  for (const [path, parent] of [
    [datacenter, layout.baseDir],
    [openstack, datacenter],
    [folder, openstack],
  ] as const) {
    if (ensureFolder(path, parent, newFileGid)) made.push(parent);
  }
  return made;
}

/** Neither of a client's two folders may lead out of the volume. */
function refuseLinkedClient(openstack: string): void {
  for (const path of [dirname(openstack), openstack]) {
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present !== undefined) refuseUnlessFolder(present, path);
  }
}

function removeIfThere(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(path);
  return true;
}

function failure(slug: string, error: VolumeError): FailedChange {
  return { slug, reason: error.code, detail: error.message };
}

/** CR, LF and their like end a comment in Bacula's configuration; a reason may quote a file (rule 7). */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}
