import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { ClientTree, LockedTree } from "../ports.ts";

/**
 * The client's tree, after the last step of purges that were cut off in the middle of it: all that they were about is
 * gone, and a folder with nothing but `purge.json` would keep its slug for ever. A dry run leaves them.
 */
export async function withoutRemains(policy: ClientPolicy, tree: LockedTree, signal: AbortSignal): Promise<ClientTree> {
  const found = await tree.readClient(policy, signal);
  const remains = found.folders.filter((folder) => folder.kind === "purging" && folder.job === undefined);
  if (remains.length === 0 || policy.mode === "DryRun") return found;
  for (const { slug } of remains) await tree.removePurged(policy, slug);
  return tree.readClient(policy, signal);
}
