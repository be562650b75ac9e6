import { vmHeader } from "../../domain/jobfile/vm-header.ts";
import { type ClientCounts, VmCounter } from "../../domain/status/count-vms.ts";
import type { Protection } from "../../domain/status/explain-vm.ts";
import type { VmStatus } from "../../domain/status/vm-status.ts";
import { whyUnprotected } from "../../domain/status/why-unprotected.ts";
import { judgeObservation } from "../../sync/decide/judge-observation.ts";
import { type SeenVm, seenVms } from "../../sync/seen-vms.ts";
import type { ClientOutcome } from "../pass-over-clients.ts";

/** What there is to know of all VMs of all clients; totals first. */
export interface FleetReport {
  /** Of the VMs of all clients; of one that could not be seen, those with a job file. */
  readonly totals: ClientCounts;
  readonly clients: readonly ClientTotals[];
  readonly vms: readonly VmRow[];
}

export interface ClientTotals {
  readonly client: string;
  /** False: its VMs could not be listed now, and what is known of them is from their job files. */
  readonly isSeen: boolean;
  readonly counts: ClientCounts;
}

export interface VmRow extends Pick<VmStatus, "phase" | "jobName" | "jobDefs" | "lastBackup"> {
  readonly client: string;
  readonly vm: string;
  readonly uuid: string;
  readonly protection: Protection;
  /** Why it is unprotected; empty for every other VM. */
  readonly reasons: readonly { readonly reason: string; readonly message: string }[];
}

/** Sums up what was seen of each client, VM for VM. */
export function fleetReport(outcomes: readonly ClientOutcome[], nowMs: number): FleetReport {
  const totals = new VmCounter(nowMs);
  const clients: ClientTotals[] = [];
  const vms: VmRow[] = [];
  for (const outcome of outcomes) {
    const { client } = outcome.client.policy;
    const counter = new VmCounter(nowMs);
    if (outcome.kind === "passed") {
      for (const seen of seenVms(outcome.report, nowMs)) {
        counter.add(seen);
        totals.add(seen);
        vms.push(vmRow(seen, client, nowMs));
      }
    }
    const isSeen = outcome.kind === "passed" && judgeObservation(outcome.report.observation).kind === "clear";
    clients.push({ client, isSeen, counts: counter.counts });
  }
  return { totals: totals.counts, clients, vms };
}

function vmRow({ vm, facts, status, explanation }: SeenVm, client: string, nowMs: number): VmRow {
  const { phase, jobName, jobDefs, lastBackup } = status;
  return {
    client,
    vm: vmHeader(vm.name),
    uuid: vm.uuid,
    phase,
    protection: explanation.protection,
    jobName,
    jobDefs,
    ...(lastBackup !== undefined && { lastBackup }),
    reasons: whyUnprotected(facts, nowMs),
  };
}
