import type { RemovalVerdict } from "../../domain/lifecycle/judge-removals.ts";
import {
  type AcceptedWish,
  judgeWishChanges,
  type WishVerdict,
  wishesInForce,
  wishesToAccept,
} from "../../domain/policy/judge-wish-changes.ts";
import {
  type TagChangeLimit,
  tagChangesToRemember,
  tagChangeWaitsUntilMs,
} from "../../domain/policy/limit-tag-changes.ts";
import type { BatchItem } from "../batch-item.ts";
import type { Observation } from "../pass-report.ts";
import type { ClientTree, LockedTree } from "../ports.ts";
import { readAcceptedWishes, toWishesDocument } from "./accepted-wishes.ts";
import { judgeObservation } from "./judge-observation.ts";

export interface WishesOfPass {
  readonly verdict: WishVerdict;
  /** Until when a change of tags waits (rule 8), by uuid, ms since the epoch. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Remembers the wishes that this pass took for granted. */
  save(): Promise<void>;
}

/** What is known of a client when its wishes are judged. */
export interface WishContext {
  readonly before: ClientTree;
  readonly tree: LockedTree;
  readonly tagChanges: TagChangeLimit;
}

/** Judges the wishes of a listing (rules 2b and 8); in the observation that comes back those in force stand. */
export async function acceptWishes(
  { policy, observation, approval }: BatchItem,
  { before, tree, tagChanges }: WishContext,
): Promise<{ readonly wishes: WishesOfPass; readonly observation: Observation }> {
  const sight = judgeObservation(observation);
  if (sight.kind === "blind" || observation.discovery.kind !== "listed") {
    const wishes = { verdict: { kind: "accepted" }, waiting: new Map(), save: async () => undefined } as const;
    return { wishes, observation };
  }
  const name = `wishes/${policy.datacenter}/${policy.openstack}`;
  const known = readAcceptedWishes(await tree.readState(name));
  const { vms: accepted, changed } = known ?? { vms: new Map(), changed: new Map() };
  const waiting = new Map<string, number>();
  const timely = sight.vms.map((vm) => {
    const untilMs = tagChangeWaitsUntilMs(vm, accepted, changed, tagChanges);
    if (untilMs === undefined) return vm;
    waiting.set(vm.uuid, untilMs);
    return { ...vm, wishes: { kind: "read", ...(accepted.get(vm.uuid) ?? NO_WISH) } as const };
  });
  const verdict = judgeWishChanges(accepted, timely, policy.maxMissing, approval);
  const vms = timely.map((vm) => {
    const wishes = wishesInForce(vm, accepted, verdict);
    return wishes === vm.wishes ? vm : { ...vm, wishes };
  });
  // Without the document nobody knows what is a change, so nothing is held back for one.
  const withJob = known === undefined ? new Set<string>() : uuidsWithJob(before);
  const times = tagChangesToRemember(vms, accepted, changed, (uuid) => !withJob.has(uuid), tagChanges);
  const next = wishesToAccept(vms, accepted, (uuid) => withJob.has(uuid) || times.has(uuid));
  return {
    observation: { ...observation, discovery: { ...observation.discovery, vms } },
    wishes: {
      verdict,
      waiting,
      save: () => tree.writeState(name, toWishesDocument({ vms: next, changed: times })),
    },
  };
}

const NO_WISH: AcceptedWish = { optedOut: false };

function uuidsWithJob({ folders }: ClientTree): ReadonlySet<string> {
  return new Set(
    folders.flatMap((folder) =>
      folder.kind === "ours" || folder.kind === "purging" ? (folder.job?.headers.uuid ?? []) : [],
    ),
  );
}

/** A client whose metadata looks lost removes nothing either; a held loss is told first. */
export function joinVerdicts(wishes: WishVerdict, removals: RemovalVerdict): RemovalVerdict {
  if (wishes.kind === "accepted") {
    return removals.kind === "allowed" && wishes.approvedBy !== undefined
      ? { ...removals, approvedBy: wishes.approvedBy }
      : removals;
  }
  if (removals.kind === "held" || removals.kind === "killSwitch") return removals;
  const { names, known, token } = wishes;
  return { kind: "held", reason: "PolicyOutage", names, known, token };
}
