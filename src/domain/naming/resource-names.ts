import type { ClientIdentity } from "../client/client-policy.ts";

/** Bacula cuts the name of a run (`%j`) to 104 characters plus a time, so longer Job names could not be told apart. */
const MAX_RESOURCE_NAME = 104;

/** The name of a VM's Job (white paper 5.2). */
export function jobName(client: Pick<ClientIdentity, "jobPrefix">, slug: string): string {
  return `${client.jobPrefix}${slug}`;
}

/** The name of a VM's FileSet (white paper 5.2). */
export function fileSetName(client: Pick<ClientIdentity, "datacenter" | "openstack">, slug: string): string {
  return `fs-${client.datacenter}-${client.openstack}-${slug}`;
}

/** The longest slug with which both names keep the limit; may be less than 1 for absurd prefixes. */
export function maxSlugLength(client: ClientIdentity): number {
  return MAX_RESOURCE_NAME - Math.max(jobName(client, "").length, fileSetName(client, "").length);
}
