import type { VmFolder } from "../ports.ts";

/** Names of the Jobs in all other folders of a client: what also another folder has is not surely this one's. */
export function namesOfOthers(folders: readonly VmFolder[], slug: string): ReadonlySet<string> {
  return new Set(
    folders.flatMap((folder) => {
      if (folder.slug === slug) return [];
      if (folder.kind === "foreign") return folder.jobName ?? [];
      return folder.kind === "ours" || folder.kind === "purging" ? (folder.job?.directives.name ?? []) : [];
    }),
  );
}
