import type { VmWishes } from "../discovery/discovery.ts";
import { approvalToken, type ShrinkLimits } from "../lifecycle/judge-shrinking.ts";

/** What a VM's metadata asks for, as it was last accepted. */
export interface AcceptedWish {
  readonly jobDefsTag?: string | undefined;
  readonly optedOut: boolean;
}

/** A VM of a trusted listing. */
export interface WishingVm {
  readonly uuid: string;
  readonly name: string;
  readonly wishes: VmWishes;
}

export type WishVerdict =
  | { readonly kind: "accepted"; readonly approvedBy?: string | undefined }
  /** The wishes of these VMs stay as they were accepted last; `token` approves the change of exactly these. */
  | {
      readonly kind: "held";
      readonly uuids: ReadonlySet<string>;
      readonly names: readonly string[];
      readonly known: number;
      readonly token: string;
    };

/**
 * Rule 2b: when the tags or opt-outs of many VMs change in one pass, more likely the metadata was lost than many tenants
 * changed their minds. Of the VMs that had a wish, more than the limits of rule 2, or all of three or more, are held, and
 * present policies stay. VMs without a wish may get one: that takes nothing from anybody.
 */
export function judgeWishChanges(
  accepted: ReadonlyMap<string, AcceptedWish>,
  vms: readonly WishingVm[],
  limits: ShrinkLimits,
  approval: string | undefined,
): WishVerdict {
  let known = 0;
  const changed: WishingVm[] = [];
  for (const vm of vms) {
    const before = accepted.get(vm.uuid);
    if (before === undefined || vm.wishes.kind !== "read") continue;
    known++;
    if (vm.wishes.jobDefsTag !== before.jobDefsTag || vm.wishes.optedOut !== before.optedOut) changed.push(vm);
  }
  const isLarge = changed.length > limits.count && changed.length * 100 > known * limits.percent;
  const isAll = changed.length >= 3 && changed.length === known;
  if (!isLarge && !isAll) return { kind: "accepted" };
  const uuids = changed.map(({ uuid }) => uuid);
  const token = approvalToken(uuids);
  if (approval === token) return { kind: "accepted", approvedBy: token };
  const names = changed.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1));
  return { kind: "held", uuids: new Set(uuids), names, known, token };
}

/**
 * A VM's wishes as they count: those accepted last while the change of some is held, and for a record that can be read in
 * two ways, since another tenant's name may have made it so and must not end an opt-out or a tag (rules 1 and 8).
 */
export function wishesInForce(
  vm: WishingVm,
  accepted: ReadonlyMap<string, AcceptedWish>,
  verdict: WishVerdict,
): VmWishes {
  const before = accepted.get(vm.uuid);
  const isHeld = verdict.kind === "held" && verdict.uuids.has(vm.uuid);
  return (isHeld || vm.wishes.kind === "ambiguous") && before !== undefined ? { kind: "read", ...before } : vm.wishes;
}

/**
 * The wishes to remember after a pass: those in force; a record that could be read in two ways is no news. A VM that
 * `isKept` is remembered also while it is not listed: when it returns with another wish, that is a change.
 */
export function wishesToAccept(
  vms: readonly WishingVm[],
  accepted: ReadonlyMap<string, AcceptedWish>,
  isKept: (uuid: string) => boolean,
): ReadonlyMap<string, AcceptedWish> {
  const next = new Map<string, AcceptedWish>();
  for (const [uuid, wish] of accepted) if (isKept(uuid)) next.set(uuid, wish);
  for (const { uuid, wishes } of vms) {
    const wish = wishes.kind === "read" ? wishes : accepted.get(uuid);
    if (wish === undefined || (wish.jobDefsTag === undefined && !wish.optedOut)) {
      next.delete(uuid);
      continue;
    }
    next.set(uuid, { ...(wish.jobDefsTag !== undefined && { jobDefsTag: wish.jobDefsTag }), optedOut: wish.optedOut });
  }
  return next;
}
