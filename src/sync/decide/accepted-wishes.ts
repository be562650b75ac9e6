import { z } from "zod";
import type { AcceptedWish } from "../../domain/policy/judge-wish-changes.ts";
import type { TagChangeTimes } from "../../domain/policy/limit-tag-changes.ts";

/** What a client's VMs asked for when it was last accepted. */
export interface AcceptedWishes {
  /** Of the VMs that asked for something. */
  readonly vms: ReadonlyMap<string, AcceptedWish>;
  readonly changed: TagChangeTimes;
}

const document = z.strictObject({
  version: z.literal(1),
  vms: z.record(z.string(), z.strictObject({ jobDefsTag: z.string().optional(), optedOut: z.boolean() })),
  changedMs: z.record(z.string(), z.number()).optional(),
});

/** The wishes in the state folder; undefined: lost, so they cannot be compared, and the present ones count. */
export function readAcceptedWishes(state: unknown): AcceptedWishes | undefined {
  const { data } = document.safeParse(state);
  if (data === undefined) return undefined;
  return { vms: new Map(Object.entries(data.vms)), changed: new Map(Object.entries(data.changedMs ?? {})) };
}

/** The same wishes always give the same document. */
export function toWishesDocument({ vms, changed }: AcceptedWishes): z.infer<typeof document> {
  return { version: 1, vms: sorted(vms), ...(changed.size > 0 && { changedMs: sorted(changed) }) };
}

function sorted<T>(byUuid: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...byUuid].sort(([a], [b]) => (a < b ? -1 : 1)));
}
