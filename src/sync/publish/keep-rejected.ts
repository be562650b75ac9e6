import { renderRejected } from "../../domain/publishing/rejected-file.ts";
import type { VmPublishing } from "../pass-report.ts";
import type { FileChange, FolderTexts } from "../ports.ts";

/**
 * What is to be written so that each refused folder has a `job.rejected` that says why, and no accepted one has any
 * (spec section 3). Nothing where it says so already. A folder whose change waits keeps what it has.
 */
export function rejectedFileChanges(
  folders: Iterable<FolderTexts>,
  bySlug: ReadonlyMap<string, VmPublishing>,
): readonly FileChange[] {
  return [...folders].flatMap((folder): readonly FileChange[] => {
    const { slug, rejected } = folder;
    const state = bySlug.get(slug);
    switch (state?.kind) {
      case "rejected": {
        const text = renderRejected(state.reason, folder);
        return text === rejected ? [] : [{ kind: "reject", slug, text }];
      }
      case "published":
        return rejected === undefined ? [] : [{ kind: "unreject", slug }];
      case "none":
      case "pending":
      case undefined:
        return [];
      default:
        return state satisfies never;
    }
  });
}
