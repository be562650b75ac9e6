import { join } from "node:path";

/** Where built binaries and the state of running beds are: outside the checkout, and where user postgres may enter. */
export function cacheFolder(): string {
  const { BACULA_OPENSTACK_SYNC_CACHE: chosen = "" } = process.env;
  return chosen === "" ? "/var/tmp/bacula-openstack-sync" : chosen;
}

const BED_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** State of one part (`bacula`, `kubernetes`, `keystone`) of the bed of that name; throws when the name is not fit for a folder. */
export function runFolder(name: string, part: "bacula" | "kubernetes" | "keystone"): string {
  if (!BED_NAME.test(name)) {
    throw new Error(`"${name}" is no name for a test bed: use 1 to 40 lower case letters, digits and dashes`);
  }
  return join(cacheFolder(), "run", name, part);
}
