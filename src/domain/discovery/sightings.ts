import type { LiveVm, VmWishes } from "./discovery.ts";
import type { RecordReading } from "./read-record.ts";

type Sighting = Extract<RecordReading, { kind: "record" }>;

/**
 * The VMs of all records of one answer, each uuid once, in the order in which the answer names them.
 *
 * A uuid that shows up again with the same name and wishes (a page that overlaps another) counts once. With others, one
 * of the records is forged or stale and nothing tells which: the VM is there, and nothing else of it is believed. The
 * name is then the first that a record for this uuid alone gives, so that a tenant's record with two uuids names no other VM.
 */
export function mergeSightings(sightings: readonly Sighting[]): readonly LiveVm[] {
  const vms = new Map<string, LiveVm & { readonly isNameSure: boolean }>();
  for (const { uuids, name, wishes } of sightings) {
    const isNameSure = new Set(uuids).size === 1;
    for (const uuid of uuids) {
      const known = vms.get(uuid);
      if (known === undefined) {
        vms.set(uuid, { uuid, name, wishes, isNameSure });
      } else if (!isSame(known, { uuid, name, wishes })) {
        const named = known.isNameSure || !isNameSure ? known : { name, isNameSure };
        vms.set(uuid, { uuid, name: named.name, wishes: { kind: "ambiguous" }, isNameSure: named.isNameSure });
      }
    }
  }
  return Array.from(vms.values(), ({ uuid, name, wishes }) => ({ uuid, name, wishes }));
}

function isSame(one: LiveVm, other: LiveVm): boolean {
  return one.name === other.name && areSameWishes(one.wishes, other.wishes);
}

function areSameWishes(one: VmWishes, other: VmWishes): boolean {
  if (one.kind === "ambiguous" || other.kind === "ambiguous") return one.kind === other.kind;
  return one.jobDefsTag === other.jobDefsTag && one.optedOut === other.optedOut;
}
