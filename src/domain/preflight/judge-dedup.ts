import { type Check, ok, skip, warn } from "./check.ts";

/** A bacula-fd.conf of this machine. */
export interface FileDaemonFacts {
  readonly file: string;
  /** DedupIndexDirectory; undefined: the file does not set it. */
  readonly indexDirectory?: IndexDirectory | undefined;
}

export interface IndexDirectory {
  readonly path: string;
  /** Undefined: it is not there, or may not be looked at. */
  readonly folder?: { readonly owner: string; readonly group: string; readonly mode: number } | undefined;
}

/** The keyword as Bacula compares it: without blanks, in any case. */
const INDEX_DIRECTORY = /^[ \t]*dedup[ \t]*index[ \t]*directory[ \t]*=[ \t]*(?:"([^"\n]*)"|([^\s#;]+))/imu;

/** The value of DedupIndexDirectory in the text of a bacula-fd.conf. */
export function indexDirectoryIn(text: string): string | undefined {
  const [, quoted, bare] = INDEX_DIRECTORY.exec(text) ?? [];
  return quoted ?? bare;
}

/**
 * The checklist of Global Endpoint Deduplication (white paper 6.3), as far as this machine shows it: a step that is
 * missing on a host silently disables deduplication of its jobs, so nothing here is more than a warning.
 */
export function judgeDedup(
  algorithms: readonly string[],
  fileDaemons: readonly FileDaemonFacts[],
  proxies: readonly string[],
): readonly Check[] {
  const used = [...new Set(algorithms.filter((word) => word !== "" && word !== "none"))];
  if (used.length === 0) return [skip("DEDUP_ALGO leaves the dedup line out: no FileSet asks for deduplication")];
  const hosts = proxies.length === 0 ? "every proxy client host" : `the host of ${proxies.join(", ")}`;
  return [
    ok(`FileSets get dedup = ${used.join(", ")}`),
    ...fileDaemons.map(judgeFileDaemon),
    skip(
      `by hand on ${hosts}: Bacula Enterprise FD installed, DedupIndexDirectory set, its folder bacula:bacula with mode 750, FD restarted after the change`,
    ),
    skip("by hand on the SD host: bacula-enterprise-dedup-sd installed, SD restarted after that"),
  ];
}

function judgeFileDaemon({ file, indexDirectory }: FileDaemonFacts): Check {
  if (indexDirectory === undefined) {
    return warn(
      `${file} sets no DedupIndexDirectory`,
      "jobs of this File Daemon are not deduplicated, and no error tells",
      "add DedupIndexDirectory = /var/lib/bacula/dedup/index and restart the FD",
    );
  }
  const { path, folder } = indexDirectory;
  if (folder === undefined) {
    return warn(
      `DedupIndexDirectory ${path} of ${file} is not there`,
      "jobs of this File Daemon are not deduplicated, and no error tells",
      `mkdir -p ${path}; chown bacula:bacula ${path}; chmod 750 ${path}; restart the FD`,
    );
  }
  const mode = folder.mode.toString(8).padStart(3, "0");
  if (folder.owner === "bacula" && folder.group === "bacula" && mode === "750")
    return ok(`DedupIndexDirectory ${path}: bacula:bacula, mode 750`);
  return warn(
    `DedupIndexDirectory ${path} is ${folder.owner}:${folder.group}, mode ${mode}`,
    "the checklist wants bacula:bacula and mode 750",
    `chown bacula:bacula ${path}; chmod 750 ${path}`,
  );
}
