import type { ClientCounts } from "../domain/status/count-vms.ts";
import type { PassReport } from "../sync/pass-report.ts";
import type { Metrics } from "./metrics.ts";

/** Counts passes into the metrics; the series of a client that is gone go with it. */
export function clientMetrics(metrics: Metrics) {
  return {
    onPass({ policy, observation, outcome }: PassReport, durationMs: number): void {
      const { client } = policy;
      metrics.passDuration.observe(durationMs / 1000);
      metrics.discoveries.inc({ client, result: observation.discovery.kind });
      metrics.discoveryInterval.set({ client }, policy.intervalMs / 1000);
      if (observation.discovery.kind === "listed") metrics.lastDiscovery.set({ client }, observation.atMs / 1000);
      if (outcome.kind !== "passed") return;
      for (const { decision } of outcome.vms) {
        if (decision.kind === "create" || decision.kind === "edit") metrics.fileChanges.inc({ kind: decision.kind });
      }
      metrics.removalsHeld.set({ client }, outcome.removals.kind === "held" ? outcome.removals.names.length : 0);
      for (const { reason } of outcome.failedChanges) metrics.fileFailures.inc({ reason });
    },
    onCounts(client: string, { unprotected, ...states }: ClientCounts): void {
      for (const [state, count] of Object.entries(states)) metrics.vms.set({ client, state }, count);
      metrics.unprotectedVms.set({ client }, unprotected);
    },
    onGone(client: string): void {
      for (const state of ["live", "active", "missing", "disabled", "optedOut", "rejected", "held"])
        metrics.vms.remove({ client, state });
      for (const gauge of [
        metrics.unprotectedVms,
        metrics.lastDiscovery,
        metrics.discoveryInterval,
        metrics.removalsHeld,
      ])
        gauge.remove({ client });
      for (const result of ["listed", "failed", "suspicious"]) metrics.discoveries.remove({ client, result });
    },
  };
}
