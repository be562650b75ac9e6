import type { CatalogHistory } from "../../../src/sync/ports.ts";
import type { ModelClient } from "./model-client.ts";
import type { ModelDirector } from "./model-director.ts";
import type { ModelDisk } from "./model-disk.ts";

/** Time between two trusted listings that still counts as seeing, as the command line's: histories go on in hours. */
export const MAX_SIGHT_GAP_MS = 36 * 3_600_000;

/** What the witness sees of the world. */
export interface WitnessedWorld {
  readonly disk: ModelDisk;
  readonly clients: readonly ModelClient[];
  readonly director: ModelDirector;
  readonly history: CatalogHistory;
  readonly catalogState: "well" | "away" | "skew";
  readonly nowMs: number;
}
