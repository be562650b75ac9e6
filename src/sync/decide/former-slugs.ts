import type { PublishedBlock } from "../../domain/publishing/published-file.ts";
import type { ClientTree } from "../ports.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Slugs of VMs that have no job file now but had one: a slug once given to a uuid stays, so that a job comes back under
 * its old name with its history. Known from the fileset of a write that was cut short, and from the published file.
 * Only the selector's uuid is the VM: another word of the plugin line may be a uuid too, such as the proxy's.
 */
export function formerSlugs(
  tree: ClientTree,
  published: readonly PublishedBlock[],
  selector: string,
): ReadonlyMap<string, string> {
  const former = new Map<string, string>();
  const unfinished = tree.folders.flatMap((folder) => (folder.kind === "unfinished" ? [folder] : []));
  for (const { slug, plugins = [] } of [...unfinished, ...published]) {
    for (const uuid of plugins.flatMap((plugin) => selectedUuids(plugin, selector))) {
      if (!former.has(uuid)) former.set(uuid, slug);
    }
  }
  return former;
}

function selectedUuids(plugin: string, selector: string): readonly string[] {
  const start = `${selector}=`;
  const words = plugin.split(/[ \t]+/).filter((word) => word.startsWith(start));
  return words.map((word) => word.slice(start.length).toLowerCase()).filter((uuid) => UUID.test(uuid));
}
