import { customResourceDefinitions } from "../api/crd.ts";
import { compareCrd, describeCrdDifference } from "../api/crd-check.ts";
import { isKubeError } from "../kubernetes/http/api-error.ts";
import type { ApiTransport } from "../kubernetes/http/api-transport.ts";
import { objectPath } from "../kubernetes/http/resource.ts";

const CRDS = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions", namespaced: false };

export type CrdCheck = { readonly kind: "ready" } | { readonly kind: "notReady"; readonly problems: readonly string[] };

/**
 * Whether the installed CRDs have every field of this release: the API server drops fields that a CRD lacks without a
 * word, so a program that went on would lose what it writes. A server that does not let us look (no right to read CRDs)
 * counts as ready: the reflectors will tell. Throws KubeApiError when the server is away.
 */
export async function checkInstalledCrds(transport: ApiTransport, signal: AbortSignal): Promise<CrdCheck> {
  const problems: string[] = [];
  for (const built of customResourceDefinitions()) {
    const { name } = built.metadata;
    try {
      const installed = await transport.request({ method: "GET", path: objectPath(CRDS, { name }), signal });
      const problem = describeCrdDifference(name, compareCrd(installed, built));
      if (problem !== undefined) problems.push(problem);
    } catch (error) {
      if (isKubeError(error, "Forbidden")) continue;
      if (!isKubeError(error, "NotFound")) throw error;
      problems.push(`the CRD ${name} is not installed: apply crds/ of this release`);
    }
  }
  return problems.length === 0 ? { kind: "ready" } : { kind: "notReady", problems };
}
