import type { BatchContext } from "../batch-context.ts";
import type { ConfigurationTest } from "../ports.ts";
import type { Candidate } from "./publish-candidate.ts";

export type Fault =
  /** The new text of one of our candidates; `culprit` when the Director's words name it. */
  | { readonly kind: "ours"; readonly culprit: Candidate | undefined }
  /** It was broken before, or in a file that is not ours: nothing of ours is blamed. */
  | { readonly kind: "outside" }
  /** It could not be tested again. */
  | { readonly kind: "undecided"; readonly detail: string };

/**
 * Whose error a broken configuration is (rule 7). To be asked when the last good bytes are back in force: what is still
 * broken then was not broken by us.
 */
export async function findFault(
  { file }: ConfigurationTest & { kind: "broken" },
  candidates: readonly Candidate[],
  { tree, director, signal }: BatchContext,
): Promise<Fault> {
  const owner = file === undefined ? undefined : tree.publishedAt(file);
  if (file !== undefined && owner === undefined) return { kind: "outside" };
  const without = await director.testConfiguration(signal);
  switch (without.kind) {
    case "broken":
      return { kind: "outside" };
    case "unknown":
      return { kind: "undecided", detail: without.detail };
    case "sound":
    case "notConfigured":
      break;
    default:
      return without satisfies never;
  }
  if (owner?.kind !== "published") return { kind: "ours", culprit: undefined };
  const culprit = candidates.find(
    ({ client: { item } }) => item.policy.datacenter === owner.datacenter && item.policy.openstack === owner.openstack,
  );
  return { kind: "ours", culprit };
}
