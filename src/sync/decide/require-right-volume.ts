import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { ClientTree, DirectorResources, LockedTree } from "../ports.ts";

/** The Director has jobs of a client of which BASE_DIR knows nothing. */
class WrongVolumeError extends Error {
  override readonly name = "WrongVolumeError";
  readonly code = "WrongVolume";
}

/**
 * Throws WrongVolumeError when BASE_DIR looks like a volume that is not mounted: it has neither job files of the client
 * nor its published file, but the Director lists jobs under its prefix (spec section 3, "State"). Going on would give
 * every VM a new job under another name, take the old jobs from the Director, and make every next backup a Full.
 */
export async function requireRightVolume(
  policy: ClientPolicy,
  clientTree: ClientTree,
  resources: DirectorResources,
  tree: LockedTree,
): Promise<void> {
  if (clientTree.folders.some(({ kind }) => kind === "ours" || kind === "unreadable" || kind === "purging")) return;
  const ours = [...resources.jobs].filter((name) => name.startsWith(policy.jobPrefix));
  const [first] = ours;
  if (first === undefined || (await tree.readPublished(policy)) !== undefined) return;
  throw new WrongVolumeError(
    `the Director has ${ours.length} jobs under ${policy.jobPrefix}, such as ${first}, and BASE_DIR has no file of them. Mount the right volume; or, if those jobs were written by hand, choose another jobPrefix`,
  );
}
