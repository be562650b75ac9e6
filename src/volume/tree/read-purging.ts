import { lstatSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseJobFile } from "../../domain/jobfile/parse-job-file.ts";
import type { VmFolder } from "../../sync/ports.ts";
import { PURGE_RECORD_NAME, PURGING_NAME } from "../layout.ts";
import type { ReadContext } from "./read-context.ts";
import { readPlainFile } from "./read-plain-file.ts";

/** Whether something of a purge is in a folder; it means something only where there is no `job`. */
export function hasPurge(folder: string): boolean {
  return isThere(join(folder, PURGING_NAME)) || isThere(join(folder, PURGE_RECORD_NAME));
}

/**
 * A folder without `job` whose purge is under way, or whose last step was cut off. `undefined`: a record of a purge that
 * never took the job away, which means nothing.
 */
export function readPurging(folder: string, slug: string, context: ReadContext): VmFolder | undefined {
  const record = readRecord(folder);
  const text = readPlainFile(join(folder, PURGING_NAME));
  if (text === undefined) return isLastStep(record) ? { kind: "purging", slug, record } : undefined;
  const read = parseJobFile(text, { timeZone: context.timeZone });
  if (read.kind === "read") return { kind: "purging", slug, job: context.pool.jobFile(read.value), record };
  const why = read.kind === "invalid" ? `line ${read.line}: ${read.reason}` : "it has no #@ headers";
  return { kind: "unreadable", slug, reason: `${PURGING_NAME} ${why}; its purge goes on when it can be read` };
}

function readRecord(folder: string): unknown {
  const text = readPlainFile(join(folder, PURGE_RECORD_NAME));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const LastStep = z.object({ stage: z.literal("removing") });

function isLastStep(record: unknown): boolean {
  return LastStep.safeParse(record).success;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
