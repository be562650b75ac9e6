import type { BatchContext } from "./batch-context.ts";
import type { BatchItem } from "./batch-item.ts";
import { type SyncedClient, syncClientFiles } from "./decide/sync-client-files.ts";
import { startFirstBackups } from "./first-backup/start-first-backups.ts";
import type { PassOutcome, PassReport } from "./pass-report.ts";
import type { Volume } from "./ports.ts";
import { publishClients } from "./publish/publish-clients.ts";
import { takeOutBroken } from "./publish/take-out-broken.ts";
import { reportClient } from "./report-client.ts";
import { startTimeSlice } from "./time-slice.ts";
import { volumeTrouble } from "./volume-trouble.ts";

/**
 * Compares, decides, writes and publishes for all given clients under one lock and with at most one reload. Reports
 * come in the order of the items; one client's trouble is in its own report and does not stop the others.
 */
export async function syncBatch(
  items: readonly BatchItem[],
  volume: Volume,
  context: Omit<BatchContext, "tree">,
): Promise<readonly PassReport[]> {
  const lock = await volume.withLock((tree) => syncUnderLock(items, { ...context, tree }), context.signal);
  switch (lock.kind) {
    case "done":
      return lock.value;
    case "held": {
      const detail = `another writer holds the lock: ${lock.holder}`;
      return items.map((item) => toReport(item, { kind: "volume", reason: "LockHeld", detail }));
    }
    case "unusable":
      return items.map((item) => toReport(item, { kind: "volume", reason: lock.reason, detail: lock.detail }));
    default:
      return lock satisfies never;
  }
}

async function syncUnderLock(items: readonly BatchItem[], context: BatchContext): Promise<readonly PassReport[]> {
  // Every pass, also a blind one, first sees to it that a Director which restarts now would start (rule 7).
  const enforced = items.flatMap(({ policy }) => (policy.mode === "Enforce" ? [policy] : []));
  if (enforced.length > 0) await context.tree.repairInclude(context.signal);
  await takeOutBroken(enforced, context);
  context.inventory.beginBatch();
  const synced: SyncedClient[] = [];
  const reports = new Map<BatchItem, PassReport>();
  for (const item of items) {
    try {
      synced.push(await syncClientFiles(item, context));
    } catch (error) {
      reports.set(item, toReport(item, outcomeOf(error)));
    }
  }
  const wrongVolume = [...reports.values()].find(
    ({ outcome }) => outcome.kind === "volume" && outcome.reason === "WrongVolume",
  );
  // BASE_DIR is one for all: a reload now would take that client's jobs from the Director.
  if (wrongVolume !== undefined) return items.map((item) => reports.get(item) ?? toReport(item, wrongVolume.outcome));
  const published = await publishClients(synced, context);
  const slice = startTimeSlice();
  for (const client of synced) {
    if (slice.isUsedUp()) await slice.pause(context.signal);
    const result = published.get(client.item.policy);
    if (result !== undefined)
      reports.set(client.item, reportClient(client, result, context.schedule, context.inventory.lastJobDefs));
  }
  const reported = items.flatMap((item) => reports.get(item) ?? []);
  for (const { policy, outcome } of reported) {
    if (outcome.kind === "passed") context.schedule.noteJobs(policy.client, outcome.vms);
  }
  return startFirstBackups(reported, context);
}

/** The volume's refusal of one client's folder; throws what is not the volume's. */
function outcomeOf(error: unknown): PassOutcome {
  const trouble = volumeTrouble(error);
  if (trouble === undefined) throw error;
  return { kind: "volume", ...trouble };
}

function toReport({ policy, observation }: BatchItem, outcome: PassOutcome): PassReport {
  return { policy, observation, outcome };
}
