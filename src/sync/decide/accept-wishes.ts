import type { RemovalVerdict } from "../../domain/lifecycle/judge-removals.ts";
import {
  judgeWishChanges,
  type WishVerdict,
  wishesInForce,
  wishesToAccept,
} from "../../domain/policy/judge-wish-changes.ts";
import type { BatchItem } from "../batch-item.ts";
import type { Observation } from "../pass-report.ts";
import type { LockedTree } from "../ports.ts";
import { readAcceptedWishes, toWishesDocument } from "./accepted-wishes.ts";
import { judgeObservation } from "./judge-observation.ts";

export interface WishesOfPass {
  readonly verdict: WishVerdict;
  /** Remembers the wishes that this pass took for granted. */
  save(): Promise<void>;
}

/** Judges the wishes of a listing (rule 2b); in the observation that comes back those in force stand. */
export async function acceptWishes(
  { policy, observation, approval }: BatchItem,
  tree: LockedTree,
): Promise<{ readonly wishes: WishesOfPass; readonly observation: Observation }> {
  const sight = judgeObservation(observation);
  if (sight.kind === "blind" || observation.discovery.kind !== "listed") {
    return { wishes: { verdict: { kind: "accepted" }, save: async () => undefined }, observation };
  }
  const name = `wishes/${policy.datacenter}/${policy.openstack}`;
  const accepted = readAcceptedWishes(await tree.readState(name));
  const verdict = judgeWishChanges(accepted, sight.vms, policy.maxMissing, approval);
  const vms = sight.vms.map((vm) => {
    const wishes = wishesInForce(vm, accepted, verdict);
    return wishes === vm.wishes ? vm : { ...vm, wishes };
  });
  const next = wishesToAccept(vms, accepted);
  return {
    observation: { ...observation, discovery: { ...observation.discovery, vms } },
    wishes: {
      verdict,
      save: async () => {
        if (next.size > 0 || accepted.size > 0) await tree.writeState(name, toWishesDocument(next));
      },
    },
  };
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
