import { lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ClientIdentity } from "../domain/client/client-policy.ts";
import { editFileSet } from "../domain/jobfile/edit-fileset.ts";
import { editJob } from "../domain/jobfile/edit-job.ts";
import type { FailedChange, FileChange } from "../sync/ports.ts";
import { ensureClientFolder } from "./durable/client-folder.ts";
import { noteWriting } from "./durable/dead-writer.ts";
import { ensureFolder, refuseUnlessFolder } from "./durable/file-rights.ts";
import { type ReplaceUnit, replaceFiles } from "./durable/replace-files.ts";
import { sideBySide } from "./durable/side-by-side.ts";
import { syncPath } from "./durable/sync-to-disk.ts";
import { type Layout, REJECTED_NAME } from "./layout.ts";
import { encodeLossless } from "./lossless-text.ts";
import { beginPurge, putBack, type TwoSteps } from "./purged-folder.ts";
import { removeIfThere } from "./remove-if-there.ts";
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
  onDurable?: (slugs: ReadonlySet<string>) => void,
): Promise<readonly FailedChange[]> {
  if (changes.length === 0) return [];
  context.assertLocked();
  return noteWriting([client], context.layout, context.newFileGid, async () => {
    const failed: FailedChange[] = [];
    for (let i = 0; i < changes.length; i += CHANGES_PER_BATCH) {
      const batch = changes.slice(i, i + CHANGES_PER_BATCH);
      const failedNow = await writeBatch(client, batch, context, signal);
      failed.push(...failedNow);
      onDurable?.(new Set(batch.map(({ slug }) => slug)).difference(new Set(failedNow.map(({ slug }) => slug))));
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
  const clientDir = context.layout.clientDir(client);
  const { newFileGid } = context;
  refuseLinkedClient(clientDir);
  const makesFolders = changes.some(({ kind }) => kind === "create");
  const madeIn = makesFolders ? await ensureClientFolder(clientDir, newFileGid) : [];
  const failed: FailedChange[] = [];
  const slugOf = new Map<ReplaceUnit, string>();
  const emptied = new Set<string>();
  const followUps = new Map<ReplaceUnit, TwoSteps["followUp"]>();
  await sideBySide(changes, async (change) => {
    signal.throwIfAborted();
    try {
      const folder = context.layout.vmDir(client, change.slug);
      if (change.kind === "unreject") {
        if (await removeIfThere(join(folder, REJECTED_NAME))) emptied.add(folder);
        return;
      }
      if (change.kind === "beginPurge" || change.kind === "putBack") {
        const steps =
          change.kind === "beginPurge" ? beginPurge(folder, change.uuid, change.record) : putBack(folder, change.edit);
        slugOf.set(steps.unit, change.slug);
        followUps.set(steps.unit, steps.followUp);
        return;
      }
      const unit = await unitOf(change, folder, newFileGid);
      if (unit !== undefined) slugOf.set(unit, change.slug);
    } catch (error) {
      failed.push(failure(change.slug, toVolumeError(error, "write", change.slug)));
    }
  });
  const errors = await replaceFiles([...slugOf.keys()], { syncRoot: clientDir, newFileGid, signal });
  for (const [unit, error] of errors) failed.push(failure(slugOf.get(unit) ?? "", error));
  for (const [unit, followUp] of followUps) {
    if (errors.has(unit)) continue;
    const slug = slugOf.get(unit) ?? "";
    await followUp().catch((error: unknown) => failed.push(failure(slug, toVolumeError(error, "write", slug))));
  }
  for (const folder of [...emptied, ...madeIn]) await syncPath(folder);
  return failed;
}

/** What is to be written for a change; `undefined`: the file says so already. */
async function unitOf(
  change: Exclude<FileChange, { kind: "unreject" | "beginPurge" | "putBack" }>,
  folder: string,
  gid: number,
): Promise<ReplaceUnit | undefined> {
  switch (change.kind) {
    case "create":
      refuseIfThere(join(folder, "job"));
      return createUnit(change, folder, await newEntriesOf(folder, gid));
    case "edit":
      refuseUnlessFolder(lstatSync(folder), folder);
      return editUnit(join(folder, "job"), (text) => editJob(text, change.edit));
    case "editFileSet":
      refuseUnlessFolder(lstatSync(folder), folder);
      return editUnit(join(folder, "fileset"), (text) => editFileSet(text, change.change));
    case "reject":
      refuseUnlessFolder(lstatSync(folder), folder);
      return { files: [{ target: join(folder, REJECTED_NAME), bytes: encodeLossless(change.text) }] };
    default:
      return change satisfies never;
  }
}

function createUnit(
  change: Extract<FileChange, { kind: "create" }>,
  folder: string,
  foldersToSync: readonly string[],
): ReplaceUnit {
  const job = join(folder, "job");
  const file = (target: string, text: string) => {
    const bytes = encodeLossless(text);
    const bytesNow = () => {
      refuseIfThere(job);
      return bytes;
    };
    return { target, bytes, bytesNow };
  };
  return { files: [file(join(folder, "fileset"), change.fileSet), file(job, change.job)], foldersToSync };
}

function editUnit(target: string, edit: (text: string) => string): ReplaceUnit | undefined {
  const editPresent = () => {
    const text = readPlainFile(target);
    if (text === undefined) throw new VolumeError("NotFound", `${target} is gone; nothing was edited`);
    return { text, edited: edit(text) };
  };
  const { text, edited } = editPresent();
  if (edited === text) return undefined;
  return { files: [{ target, bytes: encodeLossless(edited), bytesNow: () => encodeLossless(editPresent().edited) }] };
}

/** A job that appeared since the tree was read is a person's (or a restored backup's): it is never overwritten. */
function refuseIfThere(job: string): void {
  if (lstatSync(job, { throwIfNoEntry: false }) === undefined) return;
  throw new VolumeError("NotWritable", `${job} is there already; it is read in the next pass`);
}

/** Makes the VM's folder where it is missing; answers the folder that has got a new entry. */
async function newEntriesOf(folder: string, gid: number): Promise<readonly string[]> {
  const parent = dirname(folder);
  return (await ensureFolder(folder, parent, gid)) ? [parent] : [];
}

/** Neither of a client's two folders may lead out of the volume. */
function refuseLinkedClient(openstack: string): void {
  for (const path of [dirname(openstack), openstack]) {
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present !== undefined) refuseUnlessFolder(present, path);
  }
}

function failure(slug: string, error: VolumeError): FailedChange {
  return { slug, reason: error.code, detail: error.message };
}
