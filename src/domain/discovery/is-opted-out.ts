import type { VmWishes } from "./discovery.ts";

/**
 * Whether a VM's metadata says for certain that no backup is wanted. A record that can be read in two ways does not say
 * it, nor does a VM that was not listed: `undefined` (rule 1).
 */
export function isOptedOut(wishes: VmWishes | undefined): boolean {
  return wishes?.kind === "read" && wishes.optedOut;
}
