import type { LiveVm } from "../../domain/discovery/discovery.ts";
import type { Observation } from "../pass-report.ts";
import type { CatalogHistory } from "../ports.ts";

/** Clocks further apart than this make every age doubtful (rule 3). */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** What one may conclude from an observation. */
export type Sight =
  | { readonly kind: "clear"; readonly vms: readonly LiveVm[]; readonly history: CatalogHistory }
  /** Unknown is not gone (rule 1): files are read and repaired, nothing is decided about any VM. */
  | { readonly kind: "blind"; readonly because: "Discovery" | "Catalog" | "ClockSkew" };

/** A pass sees clearly only when the listing and the catalog were read and our clock agrees with the catalog's. */
export function judgeObservation({ discovery, catalog, atMs }: Observation): Sight {
  if (discovery.kind !== "listed") return { kind: "blind", because: "Discovery" };
  if (catalog.kind !== "read") return { kind: "blind", because: "Catalog" };
  if (Math.abs(catalog.catalogNowMs - atMs) > MAX_CLOCK_SKEW_MS) return { kind: "blind", because: "ClockSkew" };
  return { kind: "clear", vms: discovery.vms, history: catalog.history };
}
