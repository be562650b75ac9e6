import { type Check, fail, ok, warn } from "./check.ts";

/** What BASE_DIR is to this process. */
export type BaseDirFacts =
  /** Not there, no folder, or not writable; `detail` has the path and what to do. */
  | { readonly kind: "unusable"; readonly detail: string }
  | {
      readonly kind: "writable";
      readonly baseDir: string;
      readonly othersMayWrite: boolean;
      readonly freeBytes: number;
      /** Undefined: the file system has no number of them. */
      readonly freeFiles?: number | undefined;
      /** BASE_DIR/HOLD is there. */
      readonly isOnHold: boolean;
    };

/** Two small files and a folder a VM, each a block: ten thousand VMs take 120 MB. */
const LITTLE_BYTES = 128 * 1024 * 1024;
const FEW_FILES = 30_000;

export function judgeBaseDir(facts: BaseDirFacts): readonly Check[] {
  if (facts.kind === "unusable") {
    return [
      fail(
        "BASE_DIR cannot be written",
        facts.detail,
        "make it, mount it or give this user the right to write; its group should be the Director's",
      ),
    ];
  }
  const { baseDir, freeBytes, freeFiles } = facts;
  return [
    ok(`${baseDir} is there, and this user may write to it`),
    ...(facts.othersMayWrite
      ? [
          warn(
            `${baseDir} can be written by every user of this machine`,
            "the Director runs what its configuration says: who writes here is the Director's user",
            `chmod o-w ${baseDir}`,
          ),
        ]
      : []),
    ...(freeBytes < LITTLE_BYTES || (freeFiles ?? FEW_FILES) < FEW_FILES
      ? [
          warn(
            `${baseDir} has ${Math.floor(freeBytes / 1024 / 1024)} MiB free${freeFiles === undefined ? "" : ` and room for ${freeFiles} files`}`,
            "ten thousand VMs need 120 MiB and 30,000 files",
            "enlarge the volume, or free space",
          ),
        ]
      : []),
    ...(facts.isOnHold
      ? [
          warn(
            `${baseDir}/HOLD is there`,
            "while it is, no job is disabled and nothing is purged",
            `remove ${baseDir}/HOLD when that is no longer wanted`,
          ),
        ]
      : []),
  ];
}
