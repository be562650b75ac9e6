/** The names by which Kubernetes knows our resources (spec section 7). */
const GROUP = "bacula-openstack-sync.io";
const VERSION = "v1alpha1";
export const API_VERSION = `${GROUP}/${VERSION}`;
/** `kubectl get bacula` lists both kinds. */
export const CATEGORY = "bacula";

export interface ResourceNames {
  readonly group: string;
  readonly version: string;
  readonly namespaced: true;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortName: string;
}

export const OPEN_STACK_CLIENT = {
  group: GROUP,
  version: VERSION,
  namespaced: true,
  kind: "OpenStackClient",
  plural: "openstackclients",
  singular: "openstackclient",
  shortName: "osc",
} as const satisfies ResourceNames;

export const MANAGED_VM = {
  group: GROUP,
  version: VERSION,
  namespaced: true,
  kind: "ManagedVM",
  plural: "managedvms",
  singular: "managedvm",
  shortName: "mvm",
} as const satisfies ResourceNames;

/** Annotations by which a person asks for something; each value names what is meant. */
export const ANNOTATIONS = {
  /** Any new token: a pass now; echoed in `status.lastHandledRequest`. */
  requestedAt: `${GROUP}/requested-at`,
  /** The token of `status.removal`: these VMs may be removed (rule 2). */
  approveRemoval: `${GROUP}/approve-removal`,
  /** The Bacula client's name, or the token that a refused deletion shows (spec section 6). */
  confirmDelete: `${GROUP}/confirm-delete`,
  /** The Bacula client's name: this front end applies its policy from now on. */
  takeOver: `${GROUP}/take-over`,
} as const;
