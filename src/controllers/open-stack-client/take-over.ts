import type { ClientMemory } from "./client-memory.ts";
import type { OpenStackClientRecord } from "./open-stack-client-record.ts";

/** The operator's lasting name as a front end of one client: the same after a restart, in another pod, for each replica. */
export function frontEndOf({ namespace, name }: Pick<OpenStackClientRecord, "namespace" | "name">): string {
  return `operator ${namespace}/${name}`;
}

/** What the annotation `take-over` asks for. */
export type TakeOverWish =
  | { readonly kind: "none" }
  | { readonly kind: "wanted" }
  /** It names something else than the Bacula client. */
  | { readonly kind: "ignored"; readonly value: string };

type Record = Pick<OpenStackClientRecord, "takeOver" | "status">;
type Memory = Pick<ClientMemory, "lastTakeOver">;

/**
 * An annotation that stays on the object is used once: else two front ends that were both told to take over would take
 * turns after all. Taken away, or changed, and set again it counts again; so this is to be asked in every reconcile.
 */
export function takeOverWish(record: Record, client: string, memory: Memory): TakeOverWish {
  const { takeOver } = record;
  if (takeOver !== lastTakeOver(record, memory)) memory.lastTakeOver = null;
  if (takeOver === undefined || memory.lastTakeOver !== null) return { kind: "none" };
  return takeOver === client ? { kind: "wanted" } : { kind: "ignored", value: takeOver };
}

/** The value that was used and still stands on the object, for the status. */
export function lastTakeOver({ status }: Record, memory: Memory): unknown {
  return memory.lastTakeOver === undefined ? status["lastTakeOver"] : (memory.lastTakeOver ?? undefined);
}
