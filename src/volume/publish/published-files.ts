import { readFile } from "node:fs/promises";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import { renderInclude } from "../../domain/publishing/render-include.ts";
import type { PublishedSwap } from "../../sync/ports.ts";
import { ensureClientFolder } from "../durable/client-folder.ts";
import { noteWriting } from "../durable/dead-writer.ts";
import { type Replacement, type ReplaceUnit, replaceFiles } from "../durable/replace-files.ts";
import type { FolderPair, Layout } from "../layout.ts";
import { decodeLossless, encodeLossless } from "../lossless-text.ts";
import { systemCode, toVolumeError } from "../volume-error.ts";
import { includeTextFor } from "./include-file.ts";
import type { ReloadJournal } from "./reload-journal.ts";

export interface PublishContext {
  readonly layout: Layout;
  readonly newFileGid: number;
  readonly journal: ReloadJournal;
  readonly assertLocked: () => void;
}

/** The text the Director reads for one client; `undefined`: nothing was ever published for it. */
export async function readPublished(client: FolderPair, layout: Layout): Promise<string | undefined> {
  const bytes = await bytesOf(layout.publishedFile(client));
  return bytes === undefined ? undefined : decodeLossless(bytes);
}

/** See LockedTree.readProven. */
export async function readProven(
  client: FolderPair,
  { layout, journal }: Pick<PublishContext, "layout" | "journal">,
): Promise<string | undefined> {
  const kept = journal.keptOf(client);
  if (kept === undefined) return readPublished(client, layout);
  const bytes = kept.path === null ? undefined : await bytesOf(kept.path);
  return bytes === undefined ? undefined : decodeLossless(bytes);
}

/**
 * Puts new published files and the include.conf that belongs to them in force (see LockedTree.swapPublished). The order
 * keeps the Director startable at every moment: the mark that a reload is owed, the published files, include.conf.
 */
export async function swapPublished(
  texts: ReadonlyMap<ClientIdentity, string>,
  context: PublishContext,
  signal: AbortSignal,
): Promise<PublishedSwap> {
  const { layout, journal } = context;
  context.assertLocked();
  const changed = await changedFiles(texts, layout);
  const include = await includeChange(layout, signal, [...texts.keys()]);
  signal.throwIfAborted();
  const isSame = changed.length === 0 && include === undefined;
  if (isSame && !journal.isOwed()) return { changed: false, putBack: async () => {}, commit: async () => {} };
  if (!isSame) await noteWriting([...texts.keys()], layout, context.newFileGid, swap);
  return {
    changed: true,
    putBack: () => {
      context.assertLocked();
      return putBack(context);
    },
    commit: () => {
      context.assertLocked();
      return journal.clear();
    },
  };

  async function swap(): Promise<void> {
    const made: string[] = [];
    for (const { client } of changed) {
      made.push(...(await ensureClientFolder(layout.clientDir(client), context.newFileGid)));
    }
    await journal.add(changed.map(({ client }) => client));
    try {
      // One unit: the first file that fails stops those after it, and include.conf is the last.
      const files: Replacement[] = changed.map(({ target, bytes }) => ({ target, bytes }));
      await replaceOrThrow({ files: [...files, ...(include ?? [])], foldersToSync: made }, context);
    } catch (error) {
      await putBack(context);
      throw error;
    }
  }
}

/** See LockedTree.repairInclude. A repair is never put back: what it replaced would not load. */
export async function repairInclude(context: PublishContext, signal: AbortSignal): Promise<boolean> {
  const { layout, journal } = context;
  const change = await includeChange(layout, signal);
  if (change === undefined) return false;
  context.assertLocked();
  await noteWriting([], layout, context.newFileGid, async () => {
    const isEmpty = change[0].bytes.equals(encodeLossless(renderInclude([])));
    const isFirst = isEmpty && (await bytesOf(layout.includeFile)) === undefined;
    if (!isFirst) await journal.add([]); // an empty include.conf of a new volume changes nothing for the Director
    await replaceOrThrow({ files: change }, context);
  });
  return true;
}

/** See LockedTree.repairPublished. */
export async function repairPublished(
  texts: ReadonlyMap<ClientIdentity, string>,
  context: PublishContext,
  signal: AbortSignal,
): Promise<void> {
  const { layout, journal } = context;
  context.assertLocked();
  const changed = await changedFiles(texts, layout);
  signal.throwIfAborted();
  if (changed.length === 0) return;
  const clients = changed.map(({ client }) => client);
  await noteWriting([...texts.keys()], layout, context.newFileGid, async () => {
    await journal.forget(clients);
    await replaceOrThrow({ files: changed.map(({ target, bytes }) => ({ target, bytes })) }, context);
  });
}

/**
 * Back to the bytes that the Director has loaded. include.conf is not kept but built again, without the files that are
 * about to go, and before they go.
 */
async function putBack(context: PublishContext): Promise<void> {
  const { layout, journal } = context;
  const entries = journal.entries();
  const removed = entries.filter((entry) => entry.saved === null).map((entry) => entry.client);
  const include = await includeChange(layout, new AbortController().signal, [], removed);
  if (include !== undefined) await replaceOrThrow({ files: include }, context);
  for (const entry of entries) await journal.restore(entry);
  await journal.clear();
}

interface ChangedFile {
  readonly client: FolderPair;
  readonly target: string;
  readonly bytes: Buffer;
}

async function changedFiles(
  texts: ReadonlyMap<ClientIdentity, string>,
  layout: Layout,
): Promise<readonly ChangedFile[]> {
  const changed: ChangedFile[] = [];
  for (const [client, text] of texts) {
    const target = layout.publishedFile(client);
    const bytes = encodeLossless(text);
    const present = await bytesOf(target);
    if (present === undefined || !present.equals(bytes)) changed.push({ client, target, bytes });
  }
  return changed;
}

/** The new include.conf, or `undefined` when the present one is right. */
async function includeChange(
  layout: Layout,
  signal: AbortSignal,
  added: readonly FolderPair[] = [],
  removed: readonly FolderPair[] = [],
): Promise<readonly [Replacement] | undefined> {
  const bytes = encodeLossless(await includeTextFor(layout, signal, { added, removed }));
  const present = await bytesOf(layout.includeFile);
  return present?.equals(bytes) === true ? undefined : [{ target: layout.includeFile, bytes }];
}

async function replaceOrThrow(unit: ReplaceUnit, { layout, newFileGid }: PublishContext): Promise<void> {
  const signal = new AbortController().signal; // a swap that began is completed
  const failed = await replaceFiles([unit], { syncRoot: layout.baseDir, newFileGid, signal });
  const error = failed.get(unit);
  if (error !== undefined) throw error;
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw toVolumeError(error, "read", path);
  }
}
