import { lstatSync } from "node:fs";
import { join } from "node:path";
import { parseFileSetFile } from "../../domain/jobfile/parse-fileset-file.ts";
import { parseJobDirectives, parseJobFile } from "../../domain/jobfile/parse-job-file.ts";
import type { VmFolder } from "../../sync/ports.ts";
import { systemCode, VolumeError } from "../volume-error.ts";
import type { FileStates } from "./folder-signatures.ts";
import type { ReadContext } from "./read-context.ts";
import { readPlainFile } from "./read-plain-file.ts";
import { hasPurge, readPurging } from "./read-purging.ts";

/** What the disk says of one VM's folder, before anything is read. */
export interface FolderState extends FileStates {
  /** Why the folder cannot be looked into. */
  readonly obstacle?: string | undefined;
  /** There is no job, but something of a purge. */
  readonly isPurging?: boolean | undefined;
}

export function statFolder(folder: string): FolderState {
  try {
    const job = lstatSync(join(folder, "job"), { throwIfNoEntry: false });
    const fileSet = lstatSync(join(folder, "fileset"), { throwIfNoEntry: false });
    return { job, fileSet, isPurging: job === undefined && hasPurge(folder) };
  } catch (error) {
    // One folder that may not be entered is that folder's trouble; anything else is the volume's.
    if (systemCode(error) !== "EACCES") throw error;
    return { job: undefined, fileSet: undefined, obstacle: "this process may not enter the folder (EACCES)" };
  }
}

/** Reads and judges one VM's folder; `undefined`: neither a job nor a fileset is in it. */
export function readFolder(
  folder: string,
  slug: string,
  state: FolderState,
  context: ReadContext,
): VmFolder | undefined {
  try {
    const purging = state.isPurging === true ? readPurging(folder, slug, context) : undefined;
    if (purging !== undefined) return purging;
    if (state.job === undefined) return state.fileSet === undefined ? undefined : withoutJob(folder, slug);
    const text = readPlainFile(join(folder, "job"));
    if (text === undefined) return { kind: "unreadable", slug, reason: "job vanished while it was read" };
    return judgeJob(text, folder, slug, state.fileSet !== undefined, context);
  } catch (error) {
    if (error instanceof VolumeError) return { kind: "unreadable", slug, reason: error.message };
    throw error;
  }
}

/** A new VM's fileset whose job was not written yet, or a person's; its plugin lines tell which. */
function withoutJob(folder: string, slug: string): VmFolder {
  const text = readPlainFile(join(folder, "fileset"));
  const read = text === undefined ? undefined : parseFileSetFile(text);
  return { kind: "unfinished", slug, plugins: read?.kind === "read" ? read.value.plugins : [] };
}

function judgeJob(text: string, folder: string, slug: string, hasFileSet: boolean, context: ReadContext): VmFolder {
  const read = parseJobFile(text, { timeZone: context.timeZone });
  switch (read.kind) {
    case "foreign": {
      const directives = parseJobDirectives(text);
      return { kind: "foreign", slug, jobName: directives.kind === "read" ? directives.value.name : undefined };
    }
    case "invalid":
      return { kind: "unreadable", slug, uuid: uuidOf(text), reason: `job line ${read.line}: ${read.reason}` };
    case "read": {
      const job = context.pool.jobFile(read.value);
      if (!hasFileSet) return { kind: "ours", slug, job };
      return withFileSet({ kind: "ours", slug, job }, folder, context);
    }
    default:
      return read satisfies never;
  }
}

function withFileSet(ours: Extract<VmFolder, { kind: "ours" }>, folder: string, context: ReadContext): VmFolder {
  const text = readPlainFile(join(folder, "fileset"));
  if (text === undefined) return ours;
  const read = parseFileSetFile(text);
  if (read.kind === "read") return { ...ours, fileSet: context.pool.fileSetFile(read.value, ours.job) };
  // The job is ours, its fileset a person's whom we do not understand: nothing of it may be overwritten.
  const reason = `fileset line ${read.line}: ${read.reason}`;
  return { kind: "unreadable", slug: ours.slug, uuid: ours.job.headers.uuid, reason };
}

/** The uuid of a file of ours that cannot be read otherwise, so that its VM is not taken for a new one. */
function uuidOf(text: string): string | undefined {
  return /^#@uuid:\s*([0-9a-f-]{36})\s*$/im.exec(text)?.[1]?.toLowerCase();
}
