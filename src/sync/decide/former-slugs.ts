import type { PublishedBlock } from "../../domain/publishing/published-file.ts";
import type { ClientTree } from "../ports.ts";

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;

/**
 * Slugs of VMs that have no job file now but had one: a slug once given to a uuid stays, so that a job comes back under
 * its old name with its history. Known from the fileset of a write that was cut short, and from the published file.
 */
export function formerSlugs(tree: ClientTree, published: readonly PublishedBlock[]): ReadonlyMap<string, string> {
  const former = new Map<string, string>();
  const unfinished = tree.folders.flatMap((folder) => (folder.kind === "unfinished" ? [folder] : []));
  for (const { slug, plugins = [] } of [...unfinished, ...published]) {
    for (const plugin of plugins) {
      for (const [uuid] of plugin.matchAll(UUID))
        if (!former.has(uuid.toLowerCase())) former.set(uuid.toLowerCase(), slug);
    }
  }
  return former;
}
