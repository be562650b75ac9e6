import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFiles } from "./durable/replace-files.ts";
import { systemCode, toVolumeError } from "./volume-error.ts";

export interface StateOptions {
  readonly stateDir: string;
  readonly newFileGid: number;
}

const MAX_FILE_NAME = 180;

/**
 * A small JSON document of the state folder. `undefined`: not there, not readable as JSON, or half a file: state may
 * be lost at any time (spec section 3), so a broken one is a lost one.
 */
export async function readStateDocument(name: string, { stateDir }: StateOptions): Promise<unknown> {
  const path = documentPath(stateDir, name);
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === "ENOENT") return undefined;
    throw toVolumeError(error, "read", path);
  }
}

/** Replaces the document durably; writes nothing when it is there already with the same bytes. */
export async function writeStateDocument(name: string, value: unknown, options: StateOptions): Promise<void> {
  const path = documentPath(options.stateDir, name);
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(bytes)) return;
  const unit = { files: [{ target: path, bytes }] };
  const failed = await replaceFiles([unit], {
    syncRoot: options.stateDir,
    newFileGid: options.newFileGid,
    signal: new AbortController().signal,
  });
  const error = failed.get(unit);
  if (error !== undefined) throw error;
}

/** Names hold client names, which may hold anything; a long one is cut and told apart by its hash. */
function documentPath(stateDir: string, name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed());
  if (encoded.length <= MAX_FILE_NAME) return join(stateDir, `${encoded}.json`);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return join(stateDir, `${encoded.slice(0, MAX_FILE_NAME - 17)}-${hash}.json`);
}
