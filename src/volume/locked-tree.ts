import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Clock, LockedTree } from "../sync/ports.ts";
import { writeChanges } from "./changes.ts";
import type { FolderPair, Layout } from "./layout.ts";
import type { WriterLock } from "./lock/writer-lock.ts";
import { readProven, readPublished, repairInclude, repairPublished, swapPublished } from "./publish/published-files.ts";
import { openReloadJournal } from "./publish/reload-journal.ts";
import { removePurged, writePurgeRecord } from "./purged-folder.ts";
import { readStateDocument, writeStateDocument } from "./state-documents.ts";
import { ClientIndex } from "./tree/client-index.ts";
import { readFolderTexts } from "./tree/folder-texts.ts";
import type { ReadContext } from "./tree/read-context.ts";

export interface LockedTreeOptions {
  readonly layout: Layout;
  readonly newFileGid: number;
  /** Outlives the lock: what was read in one pass need not be read in the next. */
  readonly indexes: Map<string, ClientIndex>;
  readonly reading: ReadContext;
  readonly lock: WriterLock;
  readonly clock: Clock;
  readonly newId: () => string;
}

const VOLUME_ID = "volume-id";
const VolumeId = z.object({ id: z.string().min(1) });

/** The methods of the contract over the parts of this folder. Each refuses to work once the lock was released. */
export function openLockedTree(options: LockedTreeOptions): LockedTree {
  const { layout, newFileGid, lock, clock } = options;
  const journal = openReloadJournal(layout, newFileGid);
  const context = { layout, newFileGid, journal, assertLocked: () => lock.assertHeld() };
  const state = { stateDir: layout.stateDir, newFileGid };

  async function volumeId(): Promise<string | undefined> {
    return VolumeId.safeParse(await readStateDocument(VOLUME_ID, state)).data?.id;
  }

  return {
    async readClient(client, signal) {
      lock.assertHeld();
      const index = indexOf(client, options.indexes);
      return index.read(layout.clientDir(client), clock.now(), options.reading, signal);
    },
    write: (client, changes, signal, onDurable) => writeChanges(client, changes, context, signal, onDurable),
    readPublished: (client) => readPublished(client, layout),
    readProven: (client) => readProven(client, context),
    async readTexts(client, signal) {
      lock.assertHeld();
      return readFolderTexts(layout.clientDir(client), signal);
    },
    writePurgeRecord: (client, slug, record) => writePurgeRecord(client, slug, record, context),
    removePurged: (client, slug) => removePurged(client, slug, context),
    swapPublished: (texts, signal) => swapPublished(texts, context, signal),
    repairPublished: (texts, signal) => repairPublished(texts, context, signal),
    repairInclude: (signal) => repairInclude(context, signal),
    async reloadOwed() {
      lock.assertHeld();
      return journal.isOwed();
    },
    publishedAt: (directorPath) => layout.publishedAt(directorPath),
    async isOnHold() {
      return existsSync(join(layout.baseDir, "HOLD"));
    },
    readState: (name) => readStateDocument(name, state),
    async writeState(name, value) {
      lock.assertHeld();
      await writeStateDocument(name, value, state);
    },
    volumeId,
    async adoptVolume() {
      lock.assertHeld();
      const present = await volumeId();
      if (present !== undefined) return present;
      const id = options.newId();
      await writeStateDocument(VOLUME_ID, { id }, state);
      return id;
    },
  };
}

function indexOf({ datacenter, openstack }: FolderPair, indexes: Map<string, ClientIndex>): ClientIndex {
  const key = `${datacenter}/${openstack}`;
  const known = indexes.get(key);
  if (known !== undefined) return known;
  const fresh = new ClientIndex();
  indexes.set(key, fresh);
  return fresh;
}
