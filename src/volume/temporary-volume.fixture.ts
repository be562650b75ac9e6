import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { LockedTree } from "../sync/ports.ts";
import { createVolume, type VolumeOptions } from "./volume.ts";

export const CLIENT = { datacenter: "dc1", openstack: "os1", client: "fd-1", jobPrefix: "backup-" };
export const NEVER = new AbortController().signal;

/** A volume in a folder of its own; `remove` it after the test. */
export function temporaryVolume(change: Partial<VolumeOptions> = {}) {
  const ownDir = mkdtempSync(join(tmpdir(), "volume-"));
  const baseDir = change.baseDir ?? ownDir;
  const volume = createVolume({
    baseDir,
    directorBaseDir: "/director/openstack",
    timeZone: "UTC",
    lockWaitMs: 2000,
    clock: { now: () => Date.now() + 10_000 }, // every file is old enough to be trusted
    newId: () => "id-of-a-test",
    ...change,
  });
  const pathOf = (path: string) => join(baseDir, path);
  return {
    baseDir,
    volume,
    pathOf,
    /** The work's result; throws when the lock was not had. */
    async locked<T>(work: (tree: LockedTree) => Promise<T>): Promise<T> {
      const outcome = await volume.withLock(work, NEVER);
      if (outcome.kind === "done") return outcome.value;
      throw new Error(JSON.stringify(outcome));
    },
    put(path: string, text: string | Buffer): void {
      mkdirSync(dirname(pathOf(path)), { recursive: true });
      writeFileSync(pathOf(path), text);
    },
    text: (path: string) => readFileSync(pathOf(path), "utf8"),
    /** All files below BASE_DIR but the state folder's, by relative path. */
    files: () => filesBelow(baseDir).filter((path) => !path.startsWith(".bacula-openstack-sync/")),
    stateFiles: () => filesBelow(join(baseDir, ".bacula-openstack-sync")),
    remove: () => rmSync(ownDir, { recursive: true, force: true }),
  };
}

export type TemporaryVolume = ReturnType<typeof temporaryVolume>;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export const UUID = "014c5892-5efb-4efb-bd60-4e038800475d";

export function jobText(slug: string, more = ""): string {
  return `#@vm: ${slug}
#@uuid:          ${UUID}
#@datacenter:    dc1
#@openstack:     os1
#@client:        fd-1
#@status:        active
# Managed by bacula-openstack-sync | created: 2026-05-18 19:00:00

Job {
  Name       = "backup-${slug}"
  JobDefs    = "DefaultJob"
  Client     = "fd-1"
  FileSet    = "fs-dc1-os1-${slug}"
  Enabled    = yes
${more}}
`;
}

export function fileSetText(slug: string): string {
  return `FileSet {
  Name = "fs-dc1-os1-${slug}"
  Include {
    Options {
      signature = SHA256
    }
    Plugin = "openstack: proxy_server=proxy instance=${UUID}"
  }
}
`;
}
