import { effectivePolicy } from "../../api/effective.ts";
import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { ReconcileContext, Reconciler, Result } from "../../kubernetes/controller.ts";
import type { EventRecorder } from "../../kubernetes/event-recorder.ts";
import type { ReadonlyStore } from "../../kubernetes/reflector.ts";
import type { StatusWriter } from "../../kubernetes/status-writer.ts";
import type { Settings } from "../../settings/settings.ts";
import { judgeObservation } from "../../sync/judge-observation.ts";
import type { PassReport } from "../../sync/pass-report.ts";
import type { CatalogHistory, Clock, Volume } from "../../sync/ports.ts";
import type { SyncRunner } from "../../sync/sync-runner.ts";
import { desiredManagedVms } from "../managed-vm/desired-managed-vms.ts";
import { personalWishesOf } from "../managed-vm/personal-wishes-of.ts";
import { type Projection, type ProjectionPorts, projectManagedVms } from "../managed-vm/project-managed-vms.ts";
import { type ClaimJudge, createClaimJudge } from "./claim-judge.ts";
import { clientFacts } from "./client-facts.ts";
import type { ClientMetrics } from "./client-metrics.ts";
import { type LastPass, nextPass, passDelayMs } from "./next-pass.ts";
import type { OpenStackClientRecord } from "./open-stack-client-record.ts";
import { recordTransitions } from "./record-transitions.ts";

export interface ReconcilerPorts {
  readonly clients: ReadonlyStore<OpenStackClientRecord>;
  readonly runner: SyncRunner;
  readonly volume: Volume;
  readonly settings: Settings;
  readonly projection: ProjectionPorts;
  readonly statuses: StatusWriter;
  readonly observe: (answer: unknown) => void;
  readonly recorder: EventRecorder;
  readonly metrics: ClientMetrics;
  readonly clock: Clock;
  readonly random: () => number;
}
