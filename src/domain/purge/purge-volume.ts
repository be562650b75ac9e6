import type { RecordedVolume } from "./purge-record.ts";

/** PURGED_VOLUMES: what happens to a volume that a purge leaves empty. */
export type PurgedVolumes = "keep" | "truncate" | "delete";

/** A volume that a purged job was on, as it is now; `gone`: the catalog has no row of it. */
export type VolumeNow =
  | { readonly kind: "gone" }
  | {
      readonly kind: "there";
      /** Media.VolStatus. */
      readonly status: string;
      /** Rows of JobMedia: parts of any job's backups. */
      readonly parts: number;
      readonly isProtected: boolean;
    };

/**
 * What is to be done with it next. Only a volume without any part of any job is touched, and only one that Bacula
 * writes no more to (Full, Used): on one that it may append to, a run that has not told of its parts yet may be writing.
 */
export type VolumeStep =
  /** Other jobs are on it, or it is gone: nothing to do and nothing to tell. */
  | { readonly kind: "inUse" }
  /** Empty, and left as it is. */
  | { readonly kind: "leave"; readonly because: string }
  /** `prune volume=`: Bacula itself marks a volume without jobs Purged, and only such a one. */
  | { readonly kind: "markPurged" }
  | { readonly kind: "truncate" }
  | { readonly kind: "delete" }
  | { readonly kind: "done"; readonly status: string };

export function nextVolumeStep(now: VolumeNow, wish: PurgedVolumes): VolumeStep {
  if (now.kind === "gone") return { kind: "done", status: "deleted from the catalog" };
  if (now.parts > 0) return { kind: "inUse" };
  if (now.isProtected) return { kind: "leave", because: "it is protected" };
  switch (now.status) {
    case "Full":
    case "Used":
      return { kind: "markPurged" };
    case "Purged":
      return wish === "keep" ? { kind: "done", status: "marked Purged" } : { kind: wish };
    default:
      return { kind: "leave", because: `its status is ${now.status}, so Bacula may still write to it` };
  }
}

/** One line for each physical file that stays on storage: the catalog cannot delete it (white paper 8.4, step 4). */
export function actionRequired({ name, mediaType, storage }: RecordedVolume, what: string): string {
  return `ACTION REQUIRED: volume ${name} (media type ${mediaType}, storage ${storage === "" ? "unknown" : storage}) holds no backups any more and is ${what}; its file is still on the Storage Daemon's host. Delete it there if its data are to go`;
}
