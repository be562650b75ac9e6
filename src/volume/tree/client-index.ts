import { type Dirent, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ClientTree, VmFolder } from "../../sync/ports.ts";
import { startTimeSlice } from "../../sync/time-slice.ts";
import { isFolderName, PUBLISHED_NAME } from "../layout.ts";
import { systemCode, toVolumeError } from "../volume-error.ts";
import { FolderSignatures, trustAfterReading } from "./folder-signatures.ts";
import type { ReadContext } from "./read-context.ts";
import { type FolderState, readFolder, statFolder } from "./read-folder.ts";

/** What is remembered of one client's folders between passes. */
interface Memory {
  readonly slots: ReadonlyMap<string, number>;
  readonly signatures: FolderSignatures;
  readonly folders: readonly (VmFolder | undefined)[];
}

/** The folders of one client; a second reading looks at every file's state but reads only what changed. */
export class ClientIndex {
  #memory: Memory = { slots: new Map(), signatures: new FolderSignatures(0), folders: [] };
  #version = 0;

  /**
   * Every VM's folder in the order of the slugs (by code unit, so the same everywhere). No folder of the client is an
   * empty tree; anything that keeps us from seeing is thrown, since a tree half seen would look like lost jobs.
   */
  async read(clientDir: string, nowMs: number, context: ReadContext, signal: AbortSignal): Promise<ClientTree> {
    const reading = new Reading(this.#memory, await listFolders(clientDir), clientDir, nowMs, context);
    await reading.run(signal);
    this.#memory = reading.memory();
    if (reading.isChanged) this.#version += 1;
    const folders = this.#memory.folders.filter((folder) => folder !== undefined);
    return { version: `${context.instance}:${this.#version}`, folders };
  }
}

/** One walk over a client's folders, comparing with what the walk before it found. */
class Reading {
  isChanged: boolean;
  readonly #before: Memory;
  readonly #entries: readonly Dirent[];
  readonly #clientDir: string;
  readonly #nowMs: number;
  readonly #context: ReadContext;
  readonly #slots = new Map<string, number>();
  readonly #signatures: FolderSignatures;
  readonly #folders: (VmFolder | undefined)[] = [];

  constructor(before: Memory, entries: readonly Dirent[], clientDir: string, nowMs: number, context: ReadContext) {
    this.#before = before;
    this.#entries = entries;
    this.#clientDir = clientDir;
    this.#nowMs = nowMs;
    this.#context = context;
    this.#signatures = new FolderSignatures(entries.length);
    this.isChanged = before.slots.size !== entries.length;
  }

  async run(signal: AbortSignal): Promise<void> {
    const slice = startTimeSlice();
    for (const [slot, entry] of this.#entries.entries()) {
      if (slice.isUsedUp()) await slice.pause(signal);
      this.#slots.set(entry.name, slot);
      try {
        this.#folders.push(this.#look(entry, slot));
      } catch (error) {
        throw toVolumeError(error, "read", join(this.#clientDir, entry.name));
      }
    }
  }

  memory(): Memory {
    return { slots: this.#slots, signatures: this.#signatures, folders: this.#folders };
  }

  #look(entry: Dirent, slot: number): VmFolder | undefined {
    const slug = entry.name;
    const folder = join(this.#clientDir, slug);
    const state = entry.isSymbolicLink() ? linkedFolder(folder) : statFolder(folder);
    const old = this.#before.slots.get(slug);
    const isSame = old !== undefined && this.#before.signatures.isSame(old, state);
    if (isSame && this.#before.signatures.trustOf(old) === "sure") {
      this.#signatures.record(slot, state, "sure");
      return this.#before.folders[old];
    }
    const found = this.#read(folder, slug, state);
    // What a purge has written down is read anew each time: its numbers are not kept.
    const isUnread = found?.kind === "unreadable" || found?.kind === "purging";
    this.#signatures.record(slot, state, isUnread ? "unread" : trustAfterReading(state, this.#nowMs));
    const isStillUnread = isSame && isUnread && this.#before.signatures.trustOf(old) === "unread";
    this.isChanged ||= !isStillUnread;
    return found;
  }

  #read(folder: string, slug: string, state: FolderState): VmFolder | undefined {
    if (state.obstacle !== undefined) return { kind: "unreadable", slug, reason: state.obstacle };
    return readFolder(folder, slug, state, this.#context);
  }
}

/** Folders (and links) that may be a VM's, in the order of their names. */
export async function listFolders(clientDir: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(clientDir, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && isFolderName(entry.name))
      .filter((entry) => entry.name !== PUBLISHED_NAME)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw toVolumeError(error, "read", clientDir);
  }
}

/** A link to a folder is named; one to anything else, or to nothing, is no VM's. */
function linkedFolder(path: string): FolderState {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const obstacle = isFolder ? "the folder is a symbolic link; put a real folder there" : undefined;
  return { job: undefined, fileSet: undefined, obstacle };
}
