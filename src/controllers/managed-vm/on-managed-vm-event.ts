import type { ReflectorEvent } from "../../kubernetes/reflector.ts";
import type { WorkQueue } from "../../kubernetes/work-queue.ts";
import type { ManagedVmRecord } from "./managed-vm-record.ts";
import type { ProjectionMemory } from "./projection-memory.ts";
import { clientKey } from "./projection-ports.ts";

/** Many changes at once (a person deletes all) make one pass. */
const GATHER_MS = 500;

/**
 * A ManagedVM that somebody else changed, made or deleted: its client decides and projects again from what it saw last.
 * Our own writes cause no events, and what the first list shows is projected by the first pass anyway.
 */
export function onManagedVmEvent(
  event: ReflectorEvent<ManagedVmRecord>,
  memory: ProjectionMemory,
  clients: { readonly queue: WorkQueue; readonly markDirty: (key: string) => void },
): void {
  if (event.type === "deleted") memory.forget(event.object.uid);
  if (event.initial || memory.isUntouched(event.object)) return;
  const key = clientKey({ namespace: event.object.namespace, name: event.object.client });
  clients.markDirty(key);
  clients.queue.addAfter(key, GATHER_MS);
}
