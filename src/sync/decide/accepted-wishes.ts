import { z } from "zod";
import type { AcceptedWish } from "../../domain/policy/judge-wish-changes.ts";

const document = z.strictObject({
  version: z.literal(1),
  vms: z.record(z.string(), z.strictObject({ jobDefsTag: z.string().optional(), optedOut: z.boolean() })),
});

/** The wishes in the state folder; lost, they cannot be compared, and the present ones count. */
export function readAcceptedWishes(state: unknown): ReadonlyMap<string, AcceptedWish> {
  const parsed = document.safeParse(state);
  return parsed.success ? new Map(Object.entries(parsed.data.vms)) : new Map();
}

/** The same wishes always give the same document. */
export function toWishesDocument(wishes: ReadonlyMap<string, AcceptedWish>): z.infer<typeof document> {
  return { version: 1, vms: Object.fromEntries([...wishes].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
