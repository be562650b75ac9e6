import { copyFileSync, existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { copyAttributes } from "../durable/access-lists.ts";
import { ensureFolder } from "../durable/file-rights.ts";
import { replaceFiles } from "../durable/replace-files.ts";
import { syncPath } from "../durable/sync-to-disk.ts";
import type { FolderPair, Layout } from "../layout.ts";
import { systemCode, toVolumeError } from "../volume-error.ts";

/**
 * What published files were before the swaps since the last reload that was proven good. It is on the disk before the
 * first of them changes and goes with `clear`, so its presence is the durable mark that a reload is owed:
 *
 *   (nothing) --add--> owed --add--> owed (first bytes of each file kept) --clear--> (nothing)
 */
export interface ReloadJournal {
  isOwed(): boolean;
  /** Keeps the present bytes of these files, unless older ones are kept already, and sets the mark. */
  add(clients: readonly FolderPair[]): Promise<void>;
  /** Sets the mark, and keeps nothing of these files: what was there before is not to come back. */
  forget(clients: readonly FolderPair[]): Promise<void>;
  entries(): readonly JournalEntry[];
  /** Where the kept bytes of a client's file are; `null`: there was no file; undefined: none are kept. */
  keptOf(client: FolderPair): { readonly path: string | null } | undefined;
  /** Puts the kept bytes of one entry back under its name, or removes the file where there was none. */
  restore(entry: JournalEntry): Promise<void>;
  clear(): Promise<void>;
}

export interface JournalEntry {
  readonly client: FolderPair;
  /** File name in the journal's folder; `null`: there was no published file. */
  readonly saved: string | null;
}

const Document = z.object({
  entries: z.array(
    z.object({
      client: z.object({ datacenter: z.string(), openstack: z.string() }),
      saved: z
        .string()
        .regex(/^\d+\.conf$/)
        .nullable(),
    }),
  ),
});

export function openReloadJournal(layout: Layout, newFileGid: number): ReloadJournal {
  const folder = layout.swapDir;
  const mark = join(folder, "owed.json");

  function entries(): readonly JournalEntry[] {
    try {
      return Document.parse(JSON.parse(readFileSync(mark, "utf8"))).entries;
    } catch (error) {
      // Damaged by a hand or the disk: a reload is still owed, but there is nothing to go back to.
      if (systemCode(error) === "ENOENT" || systemCode(error) === undefined) return [];
      throw toVolumeError(error, "read", mark);
    }
  }

  async function save(client: FolderPair, name: string): Promise<JournalEntry> {
    const published = layout.publishedFile(client);
    if (!existsSync(published)) return { client, saved: null };
    const copy = join(folder, name);
    rmSync(copy, { force: true });
    try {
      // A swap replaces the name, never the bytes, so a second name keeps them, with owner, mode and ACL, for nothing.
      linkSync(published, copy);
    } catch {
      copyFileSync(published, copy); // no hard links here, or another file system
      await copyAttributes(published, copy);
      await syncPath(copy);
    }
    return { client, saved: name };
  }

  async function setMark(kept: readonly JournalEntry[]): Promise<void> {
    await syncPath(folder);
    const unit = { files: [{ target: mark, bytes: Buffer.from(JSON.stringify({ entries: kept })) }] };
    const signal = new AbortController().signal;
    const failed = await replaceFiles([unit], { syncRoot: layout.stateDir, newFileGid, signal });
    const error = failed.get(unit);
    if (error !== undefined) throw error;
    await syncPath(layout.stateDir);
  }

  return {
    isOwed: () => existsSync(mark),
    entries,

    keptOf(client) {
      const entry = entries().find((one) => keyOf(one.client) === keyOf(client));
      if (entry === undefined) return undefined;
      if (entry.saved === null) return { path: null };
      const path = join(folder, entry.saved);
      return existsSync(path) ? { path } : undefined;
    },

    async add(clients) {
      try {
        await ensureFolder(folder, layout.stateDir, newFileGid);
        const kept = entries().filter((entry) => entry.saved === null || existsSync(join(folder, entry.saved)));
        const known = new Set(kept.map(({ client }) => keyOf(client)));
        let next = 1 + Math.max(0, ...kept.map((entry) => Number.parseInt(entry.saved ?? "0", 10)));
        const all = [...kept];
        for (const { datacenter, openstack } of clients) {
          const client = { datacenter, openstack };
          if (!known.has(keyOf(client))) all.push(await save(client, `${next++}.conf`));
        }
        await setMark(all);
      } catch (error) {
        throw toVolumeError(error, "write", mark);
      }
    },

    async forget(clients) {
      try {
        await ensureFolder(folder, layout.stateDir, newFileGid);
        const forgotten = new Set(clients.map(keyOf));
        await setMark(entries().filter(({ client }) => !forgotten.has(keyOf(client))));
      } catch (error) {
        throw toVolumeError(error, "write", mark);
      }
    },

    async restore({ client, saved }) {
      const published = layout.publishedFile(client);
      try {
        if (saved === null) rmSync(published, { force: true });
        else if (existsSync(join(folder, saved))) await putUnderName(join(folder, saved), published);
        await syncPath(layout.clientDir(client));
      } catch (error) {
        if (systemCode(error) === "ENOENT") return; // the whole folder went: nothing to put back into
        throw toVolumeError(error, "write", published);
      }
    },

    async clear() {
      try {
        if (!existsSync(folder)) return;
        rmSync(mark, { force: true });
        await syncPath(folder); // the mark goes first: copies without it mean nothing
        for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
      } catch (error) {
        throw toVolumeError(error, "write", mark);
      }
    },
  };

  async function putUnderName(copy: string, published: string): Promise<void> {
    try {
      renameSync(copy, published); // needs no space, so it works on a full disk
    } catch (error) {
      if (systemCode(error) !== "EXDEV") throw error;
      const unit = { files: [{ target: published, bytes: readFileSync(copy) }] };
      const signal = new AbortController().signal;
      const failed = await replaceFiles([unit], { syncRoot: layout.baseDir, newFileGid, signal });
      const failure = failed.get(unit);
      if (failure !== undefined) throw failure;
    }
  }
}

function keyOf({ datacenter, openstack }: FolderPair): string {
  return `${datacenter}/${openstack}`; // neither may hold a slash
}
