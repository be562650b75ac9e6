import type { AcceptedWish, WishingVm } from "./judge-wish-changes.ts";

/** When the wish of a VM in force last changed, by uuid, ms since the epoch; times older than the interval are dropped. */
export type TagChangeTimes = ReadonlyMap<string, number>;

/** TAG_CHANGE_INTERVAL, and the present time. */
export interface TagChangeLimit {
  readonly intervalMs: number;
  readonly nowMs: number;
}

/**
 * Rule 8: a tenant who turns a tag over each minute must not have files written and the Director reloaded each minute. So
 * what a VM's metadata asks for, its opt-out included, changes at most once per interval: after one change the next is
 * put off until the answered time. Undefined: nothing waits. A time in the future is a wrong clock's and holds nothing
 * back; times that are lost cost no more than one change too many.
 */
export function tagChangeWaitsUntilMs(
  vm: WishingVm,
  accepted: ReadonlyMap<string, AcceptedWish>,
  changed: TagChangeTimes,
  { intervalMs, nowMs }: TagChangeLimit,
): number | undefined {
  const changedMs = changed.get(vm.uuid);
  if (changedMs === undefined || !isRecent(changedMs, intervalMs, nowMs)) return undefined;
  return hasChanged(vm, accepted) ? changedMs + intervalMs : undefined;
}

/**
 * The times to remember after a pass: those that still hold something back, and now for each VM whose wish in force is
 * another one than was accepted before. What a new VM asks for is no change.
 */
export function tagChangesToRemember(
  vms: readonly WishingVm[],
  accepted: ReadonlyMap<string, AcceptedWish>,
  changed: TagChangeTimes,
  isNew: (uuid: string) => boolean,
  { intervalMs, nowMs }: TagChangeLimit,
): TagChangeTimes {
  const next = new Map([...changed].filter(([, changedMs]) => isRecent(changedMs, intervalMs, nowMs)));
  for (const vm of vms) {
    if (hasChanged(vm, accepted) && (accepted.has(vm.uuid) || !isNew(vm.uuid))) next.set(vm.uuid, nowMs);
  }
  return next;
}

/** A VM of which nothing was accepted asked for nothing; a record that can be read in two ways is no news. */
function hasChanged({ uuid, wishes }: WishingVm, accepted: ReadonlyMap<string, AcceptedWish>): boolean {
  if (wishes.kind !== "read") return false;
  const before = accepted.get(uuid);
  return wishes.jobDefsTag !== before?.jobDefsTag || wishes.optedOut !== (before?.optedOut ?? false);
}

function isRecent(changedMs: number, intervalMs: number, nowMs: number): boolean {
  return changedMs <= nowMs && nowMs - changedMs < intervalMs;
}
