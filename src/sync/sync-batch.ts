import type { BatchItem } from "./batch-item.ts";
import type { DirectorInventory } from "./director-inventory.ts";
import type { PassReport } from "./pass-report.ts";
import type { LockedTree, Ports } from "./ports.ts";
import { type PublishedClient, publishClients } from "./publish-clients.ts";
import type { PublishMemory } from "./publish-memory.ts";
import { reportClient } from "./report-client.ts";
import { syncClientFiles } from "./sync-client-files.ts";

/**
 * Compares, decides, writes and publishes for all given clients under one lock and with at most one reload. Reports
 * come in the order of the items; one client's trouble is in its own report and does not stop the others.
 */
export async function syncBatch(
  items: readonly BatchItem[],
  ports: Ports,
  inventory: DirectorInventory,
  memory: PublishMemory,
  signal: AbortSignal,
): Promise<readonly PassReport[]> {
  const lock = await ports.volume.withLock(
    (tree) => syncUnderLock(tree, items, ports, inventory, memory, signal),
    signal,
  );
  switch (lock.kind) {
    case "done":
      return lock.value;
    case "held":
      return items.map((item) => untouched(item, "LockHeld", `another writer holds the lock: ${lock.holder}`));
    case "unusable":
      return items.map((item) => untouched(item, lock.reason, lock.detail));
    default:
      return lock satisfies never;
  }
}

async function syncUnderLock(
  tree: LockedTree,
  items: readonly BatchItem[],
  ports: Ports,
  inventory: DirectorInventory,
  memory: PublishMemory,
  signal: AbortSignal,
): Promise<readonly PassReport[]> {
  // Every pass, also a blind one, first sees to it that a Director which restarts now would start (rule 7).
  if (items.some(({ policy }) => policy.mode === "Enforce")) await tree.repairInclude(signal);
  inventory.beginBatch();
  const clients = [];
  for (const item of items) clients.push(await syncClientFiles(item, tree, inventory, memory, ports.clock, signal));
  const published = await publishClients(clients, tree, ports.director, inventory, memory, signal);
  return clients.map((client) => reportClient(client, published.get(client.item.policy) ?? NOTHING_PUBLISHED));
}

const NOTHING_PUBLISHED: PublishedClient = { outcome: { kind: "unchanged" }, bySlug: new Map() };

function untouched(
  item: BatchItem,
  reason: Extract<PassReport["outcome"], { kind: "volume" }>["reason"],
  detail: string,
): PassReport {
  return { policy: item.policy, observation: item.observation, outcome: { kind: "volume", reason, detail } };
}
