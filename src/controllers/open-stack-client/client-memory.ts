import type { ClientCounts } from "../../domain/status/count-vms.ts";
import type { Observation } from "../../sync/pass-report.ts";
import type { CatalogHistory } from "../../sync/ports.ts";
import type { LastPass } from "./next-pass.ts";
import type { Refusals } from "./refusals.ts";

/** What the controller remembers of one OpenStackClient between passes; all of it may be lost with the process. */
export interface ClientMemory {
  /** Something of its ManagedVMs changed since the last pass. */
  isDirty: boolean;
  failuresInARow: number;
  /** Why VMs whose purge is due or has begun are still there, by uuid, as it was told. */
  readonly keptFromPurge: Map<string, string>;
  /** Of the spec's client, for its series. */
  client?: string;
  lastPass?: LastPass;
  lastObservation?: Observation;
  /** The last that could be read of the catalog. */
  history?: CatalogHistory;
  counts?: ClientCounts;
  /** Absent: what the ManagedVMs show counts. */
  refusals?: Refusals;
  lastDiscoveryMs?: number;
  nextDiscoveryMs?: number;
  handledRequest?: string;
  /** The approval that was used last; it is good for one time. */
  lastApproval?: string;
  /** The annotation `take-over` that was used and still stands; `null`: it went or changed since. */
  lastTakeOver?: string | null;
}

export function newClientMemory(): ClientMemory {
  return { isDirty: false, failuresInARow: 0, keptFromPurge: new Map() };
}
