import type { ClientCounts } from "../../domain/status/count-vms.ts";
import type { PassReport } from "../../sync/pass-report.ts";

/** What the operator counts of its passes; implemented where metrics are rendered. */
export interface ClientMetrics {
  onPass(report: PassReport, durationMs: number): void;
  onCounts(client: string, counts: ClientCounts): void;
  /** The resource is gone: its series must not go on. */
  onGone(client: string): void;
}
