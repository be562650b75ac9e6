import type { PurgedVolumes } from "../domain/purge/purge-volume.ts";
import type { DirectorInventory } from "./decide/director-inventory.ts";
import type { FleetLosses } from "./decide/fleet-losses.ts";
import type { FirstBackups } from "./first-backup/first-backups.ts";
import type { Catalog, Clock, Director, LockedTree } from "./ports.ts";
import type { PublishMemory } from "./publish/publish-memory.ts";
import type { PurgePorts } from "./purge/purge-ports.ts";
import type { ScheduleWatch } from "./schedule/schedule-watch.ts";

/** With what, and within which limits, purges are done. */
export interface PurgeMeans {
  readonly ports: PurgePorts;
  /** PURGES_PER_PASS, of one client. */
  readonly perPass: number;
  readonly volumes: PurgedVolumes;
}

/** What one batch works with while it holds the lock. */
export interface BatchContext {
  readonly tree: LockedTree;
  readonly director: Director;
  readonly catalog: Catalog;
  /** The Director's lists, asked at most once a batch. */
  readonly inventory: DirectorInventory;
  readonly memory: PublishMemory;
  readonly losses: FleetLosses;
  readonly firstBackups: FirstBackups;
  readonly schedule: ScheduleWatch;
  /** Tags of one VM change at most once in this time (rule 8). */
  readonly tagChangeIntervalMs: number;
  /** Absent: nothing is ever purged. */
  readonly purge?: PurgeMeans | undefined;
  /** RELOAD_AFTER_SYNC=0: files are put in place, and whoever looks after the Director has it reload. */
  readonly leavesReload: boolean;
  readonly clock: Clock;
  /** Told how many of the Director's 32 reload slots are lost, whenever that is looked at. */
  readonly onReloadSlots?: ((used: number) => void) | undefined;
  /** Told how many of our reloads were taken while the oldest job runs, whenever that is looked at. */
  readonly onPinnedSlots?: ((reloads: number) => void) | undefined;
  readonly signal: AbortSignal;
}
