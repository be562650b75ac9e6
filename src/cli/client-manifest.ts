import { stringify } from "yaml";
import { toEffectiveSpec } from "../api/effective.ts";
import { API_VERSION, OPEN_STACK_CLIENT } from "../api/group.ts";
import type { ClientPolicy } from "../domain/client/client-policy.ts";

/**
 * The OpenStackClient that works on with the same policy, as YAML. All of it is spelled out, since the operator may have
 * other settings; what only the command line has (DRYRUN, its gap between runs) is not.
 */
export function clientManifest(policy: ClientPolicy): string {
  const {
    mode: _mode,
    suspend: _suspend,
    deletionPolicy: _deletion,
    interval: _interval,
    ...spec
  } = toEffectiveSpec(policy);
  return stringify({
    apiVersion: API_VERSION,
    kind: OPEN_STACK_CLIENT.kind,
    metadata: { name: manifestName(policy) },
    spec,
  });
}

/** A DNS name that two clients do not share: their folders are unique. */
function manifestName({ datacenter, openstack }: ClientPolicy): string {
  return `${datacenter}-${openstack}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "");
}
