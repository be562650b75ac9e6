import { isUnprotected } from "./is-unprotected.ts";
import { isLive, type VmFacts } from "./vm-facts.ts";
import type { VmStatus } from "./vm-status-shape.ts";

/** `status.counts` of an OpenStackClient. */
export interface ClientCounts {
  readonly live: number;
  readonly active: number;
  readonly missing: number;
  readonly disabled: number;
  readonly optedOut: number;
  readonly rejected: number;
  readonly held: number;
  readonly unprotected: number;
}

const OF_PHASE = {
  Active: "active",
  Missing: "missing",
  Disabled: "disabled",
  OptedOut: "optedOut",
  Rejected: "rejected",
  Purging: undefined,
} as const satisfies Record<VmStatus["phase"], keyof ClientCounts | undefined>;

/** Counts the VMs of one client by phase, and those that are held or unprotected beside; one after the other. */
export class VmCounter {
  readonly #now: number;
  readonly #counts = {
    live: 0,
    active: 0,
    missing: 0,
    disabled: 0,
    optedOut: 0,
    rejected: 0,
    held: 0,
    unprotected: 0,
  };

  constructor(now: number) {
    this.#now = now;
  }

  add({ facts, status }: { readonly facts: VmFacts; readonly status: Pick<VmStatus, "phase"> }): void {
    const counts = this.#counts;
    const phase = OF_PHASE[status.phase];
    if (phase !== undefined) counts[phase]++;
    if (isLive(facts)) counts.live++;
    if (facts.job?.headers.hold !== undefined) counts.held++;
    if (isUnprotected(facts, this.#now)) counts.unprotected++;
  }

  /** Of all that were added so far. */
  get counts(): ClientCounts {
    return { ...this.#counts };
  }
}
