import { join, posix, resolve } from "node:path";
import type { ClientIdentity } from "../domain/client/client-policy.ts";
import type { PublishedPath } from "../sync/ports.ts";
import { VolumeError } from "./volume-error.ts";

/** Where everything is below BASE_DIR (spec section 3). */
export interface Layout {
  readonly baseDir: string;
  readonly includeFile: string;
  readonly stateDir: string;
  readonly lockFile: string;
  /** What a swap replaced, until the reload that follows is proven good. */
  readonly swapDir: string;
  /** Names the client folders that a writer is writing to, so that the next one can clean up after its death. */
  readonly writingFile: string;
  clientDir(client: FolderPair): string;
  vmDir(client: FolderPair, slug: string): string;
  publishedFile(client: FolderPair): string;
  /** The same file by the path that the Director sees. */
  directorPathOf(client: FolderPair): string;
  /** Which of our files the Director means by a path; `undefined`: none. */
  publishedAt(directorPath: string): PublishedPath | undefined;
}

/** The two folders that are a client's own; unique per client (rule 6). */
export type FolderPair = Pick<ClientIdentity, "datacenter" | "openstack">;

export const PUBLISHED_NAME = "published.conf";
/** In a VM's folder; no reader of job files looks at it, nor does the white paper's `find`. */
export const REJECTED_NAME = "job.rejected";
/** A job whose purge is under way, and what that purge knows (spec section 6). */
export const PURGING_NAME = "job.purging";
export const PURGE_RECORD_NAME = "purge.json";
const INCLUDE_NAME = "include.conf";
const STATE_NAME = ".bacula-openstack-sync";
const MAX_NAME_BYTES = 255;

/** Paths are made nowhere else, so that no name reaches the file system unchecked (rule 8). */
export function layoutOf(baseDir: string, directorBaseDir: string): Layout {
  const base = resolve(baseDir);
  const stateDir = join(base, STATE_NAME);
  const clientDir = (client: FolderPair) => join(base, folderName(client.datacenter), folderName(client.openstack));
  return {
    baseDir: base,
    includeFile: join(base, INCLUDE_NAME),
    stateDir,
    lockFile: join(stateDir, "lock"),
    swapDir: join(stateDir, "swap"),
    writingFile: join(stateDir, "writing.json"),
    clientDir,
    vmDir: (client, slug) => join(clientDir(client), slugName(slug)),
    publishedFile: (client) => join(clientDir(client), PUBLISHED_NAME),
    directorPathOf: (client) =>
      posix.join(directorBaseDir, folderName(client.datacenter), folderName(client.openstack), PUBLISHED_NAME),
    publishedAt(directorPath) {
      const [datacenter, openstack, name, ...rest] = posix.relative(directorBaseDir, directorPath).split("/");
      if (datacenter === INCLUDE_NAME && openstack === undefined) return { kind: "include" };
      if (datacenter === undefined || openstack === undefined || name !== PUBLISHED_NAME || rest.length > 0)
        return undefined;
      return isFolderName(datacenter) && isFolderName(openstack)
        ? { kind: "published", datacenter, openstack }
        : undefined;
    },
  };
}

/**
 * True for what may be one component of a path below BASE_DIR. A leading dot is ours (state, temporary files) or the
 * file system's (`.snapshot`), never a datacenter, OpenStack or VM.
 */
export function isFolderName(name: string): boolean {
  return (
    name !== "" &&
    !name.startsWith(".") &&
    !name.includes("/") &&
    !hasControlCharacter(name) &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES
  );
}

function folderName(name: string): string {
  if (isFolderName(name)) return name;
  throw new VolumeError(
    "NotWritable",
    `${JSON.stringify(name)} cannot be a folder below BASE_DIR: no "/", no control character, no leading dot, 1 to ${MAX_NAME_BYTES} bytes`,
  );
}

function slugName(slug: string): string {
  if (slug !== PUBLISHED_NAME) return folderName(slug);
  throw new VolumeError("NotWritable", `${PUBLISHED_NAME} cannot be a VM's folder: it is the published file's name`);
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}
