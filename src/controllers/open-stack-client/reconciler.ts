import { toClientPolicy } from "../../api/effective.ts";
import { API_VERSION, OPEN_STACK_CLIENT } from "../../api/group.ts";
import type { ClaimVerdict } from "../../domain/client/claims.ts";
import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { ClientFacts } from "../../domain/status/client-facts.ts";
import { VmCounter } from "../../domain/status/count-vms.ts";
import type { ReconcileContext, Reconciler, Result } from "../../kubernetes/controller.ts";
import type { EventRecorder, EventSubject } from "../../kubernetes/event-recorder.ts";
import type { ReadonlyStore } from "../../kubernetes/reflector.ts";
import type { StatusWriter } from "../../kubernetes/status-writer.ts";
import type { Settings } from "../../settings/settings.ts";
import { clientFactsOf, idleClientFacts } from "../../sync/client-facts-of.ts";
import { judgeObservation } from "../../sync/decide/judge-observation.ts";
import type { NewVm, PassReport } from "../../sync/pass-report.ts";
import { type PlannedAction, planOfReport } from "../../sync/plan-of-report.ts";
import type { Clock, Volume } from "../../sync/ports.ts";
import { putOffUntilMs } from "../../sync/put-off.ts";
import type { SyncRequest, SyncRunner } from "../../sync/sync-runner.ts";
import { Announcements } from "../managed-vm/announcements.ts";
import { personalWishesOf } from "../managed-vm/personal-wishes-of.ts";
import { projectManagedVms } from "../managed-vm/project-managed-vms.ts";
import { counted, projectNewVm, projectVms, showNothing } from "../managed-vm/project-vms.ts";
import type { ProjectionPorts } from "../managed-vm/projection-ports.ts";
import { shownStatuses } from "../managed-vm/shown-status.ts";
import { approvalUsedBy, unusedApproval } from "./approvals.ts";
import { judgeClaim } from "./claim-judge.ts";
import { type ClientMemory, newClientMemory } from "./client-memory.ts";
import type { ClientMetrics } from "./client-metrics.ts";
import { clientStatusOf } from "./client-status-of.ts";
import { logPutOff } from "./log-put-off.ts";
import { nextPass, passDelayMs } from "./next-pass.ts";
import type { OpenStackClientRecord } from "./open-stack-client-record.ts";
import { recordPurges } from "./record-purges.ts";
import { recordSteps, recordTakeOver } from "./record-steps.ts";
import { recordTransitions } from "./record-transitions.ts";
import { judgeRefusals, shownRefusals } from "./refusals.ts";
import { frontEndOf, type TakeOverWish, takeOverWish } from "./take-over.ts";

export interface ReconcilerPorts {
  readonly clients: ReadonlyStore<OpenStackClientRecord>;
  readonly runner: SyncRunner;
  readonly volume: Volume;
  readonly settings: Pick<Settings, "clientDefaults" | "isDryRun">;
  readonly projection: ProjectionPorts;
  readonly statuses: StatusWriter;
  /** Puts the answer to a status write into the store at once. */
  readonly observe: (answer: unknown) => void;
  readonly recorder: EventRecorder;
  readonly metrics: ClientMetrics;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How long a resource that was refused its claim waits before it looks whether the other is gone. */
const REFUSED_AGAIN_MS = 60_000;
/** Beyond so many intervals without a trusted listing nobody was looking, and absence does not count (rule 3). */
const SIGHT_GAP_INTERVALS = 2;

/**
 * Brings one OpenStackClient to what its spec says: one pass every interval, on a request, on a change of its spec, and
 * a pass over what was seen last when its ManagedVMs changed. Each pass ends in one status write. The work itself is
 * the core's (`sync/`); this class decides when, and tells the outcome.
 */
export class OpenStackClientReconciler implements Reconciler {
  readonly #ports: ReconcilerPorts;
  readonly #memories = new Map<string, ClientMemory>();

  constructor(ports: ReconcilerPorts) {
    this.#ports = ports;
  }

  /** Something of the client's ManagedVMs changed; its key is to be queued. */
  markDirty(key: string): void {
    const memory = this.#memories.get(key);
    if (memory !== undefined) memory.isDirty = true;
  }

  async reconcile(key: string, context: ReconcileContext): Promise<Result> {
    const record = this.#ports.clients.get(key);
    if (record === undefined || record.isBeingDeleted) return this.#forget(key);
    const memory = this.#memories.get(key) ?? newClientMemory();
    this.#memories.set(key, memory);

    if (record.spec.kind === "invalid") {
      const facts = {
        specProblems: [record.spec.problem],
        claim: NO_CLAIM,
        suspended: false,
        mode: "Enforce",
      } as const;
      await this.#writeStatus(record, idleClientFacts(facts), undefined, memory, undefined, context.signal);
      return { kind: "done" };
    }
    const policy = toClientPolicy(record.spec.value, this.#ports.settings);
    const takeOver = takeOverWish(record, policy.client, memory);
    const claim = await judgeClaim(record, this.#ports.clients, this.#ports.volume, context.signal);
    if (claim.kind === "refused" || policy.suspended) {
      const { suspended, mode } = policy;
      await this.#writeStatus(
        record,
        idleClientFacts({ specProblems: [], claim, suspended, mode }),
        policy,
        memory,
        undefined,
        context.signal,
      );
      delete memory.lastPass;
      return claim.kind === "refused" ? { kind: "requeue", afterMs: REFUSED_AGAIN_MS } : { kind: "done" };
    }
    return this.#passWhenDue(record, policy, { claim, takeOver }, memory, context);
  }

  async #passWhenDue(
    record: OpenStackClientRecord,
    policy: ClientPolicy,
    { claim, takeOver }: { readonly claim: ClaimVerdict; readonly takeOver: TakeOverWish },
    memory: ClientMemory,
    context: ReconcileContext,
  ): Promise<Result> {
    const { clock, random, projection, metrics, recorder } = this.#ports;
    const { generation, requestedAt } = record;
    const next = nextPass({ generation, requestedAt, isDirty: memory.isDirty }, memory.lastPass, clock.now());
    if (next.kind === "wait") return { kind: "requeue", afterMs: next.forMs };

    const startMs = clock.now();
    memory.client = policy.client;
    memory.isDirty = false;
    const observation = next.kind === "again" ? memory.lastObservation : undefined;
    const personal = () => personalWishesOf(record, projection.store);
    const maxSightGapMs = SIGHT_GAP_INTERVALS * policy.intervalMs;
    const approval = unusedApproval(record.approveRemoval, memory.lastApproval ?? record.status["lastApproval"]);
    const frontEnd = frontEndOf(record);
    const takesOver = takeOver.kind === "wanted";
    const request = { policy, observation, personal, maxSightGapMs, approval, frontEnd, takesOver };
    const report = await this.#runPass(record, request, context.signal).catch((error: unknown) => {
      memory.isDirty = true;
      throw error;
    });
    metrics.onPass(report, clock.now() - startMs);
    const sight = judgeObservation(report.observation);
    if (report.observation.catalog.kind === "read") memory.history = report.observation.catalog.history;
    memory.lastObservation = report.observation;
    if (report.observation.discovery.kind === "listed") memory.lastDiscoveryMs = report.observation.atMs;

    const newlyRefused = this.#newlyRefused(record, report, memory);
    const projected = await this.#project(record, report, sight.kind === "clear", memory, context);
    recordSteps(recorder, subjectOf(record), report, newlyRefused);
    recordPurges(recorder, context.log, subjectOf(record), report, memory.keptFromPurge);

    memory.failuresInARow = isWell(report) && projected ? 0 : memory.failuresInARow + 1;
    const delayMs = passDelayMs(policy.intervalMs, memory.failuresInARow, random());
    const isFresh = next.kind === "fresh" || memory.failuresInARow > 0;
    const regularMs = isFresh ? clock.now() + delayMs : (memory.lastPass?.nextAtMs ?? clock.now() + delayMs);
    // What a pass put off does not wait for its interval; after trouble the back-off goes first.
    const putOffMs = memory.failuresInARow > 0 ? undefined : putOffUntilMs(report);
    const nextAtMs = Math.min(regularMs, putOffMs ?? regularMs);
    logPutOff(context.log, report);
    memory.lastPass = { generation, requestedAt, nextAtMs };
    memory.nextDiscoveryMs = nextAtMs;
    if (requestedAt !== undefined) memory.handledRequest = requestedAt;
    const usedApproval = approvalUsedBy(report);
    if (usedApproval !== undefined) memory.lastApproval = usedApproval;
    if (takesOver && tookOver(report)) {
      memory.lastTakeOver = policy.client;
      recordTakeOver(recorder, subjectOf(record));
    }
    const plan = policy.mode === "DryRun" ? planOfReport(report) : undefined;
    const ignored = takeOver.kind === "ignored" ? takeOver.value : undefined;
    await this.#writeStatus(record, clientFactsOf(report, claim, ignored), policy, memory, plan, context.signal);
    return { kind: "requeue", afterMs: Math.max(0, nextAtMs - clock.now()) };
  }

  /** The pass of the core, with the objects of new VMs made beside the writing of further files and the Director's reload. */
  async #runPass(record: OpenStackClientRecord, request: SyncRequest, signal: AbortSignal): Promise<PassReport> {
    const announcements = new Announcements(record, this.#ports.projection, signal);
    const onWritten = (vms: readonly NewVm[]) => announcements.begin(vms.map((vm) => projectNewVm(vm, request.policy)));
    try {
      return await this.#ports.runner.run({ ...request, onWritten }, signal);
    } finally {
      await announcements.end();
    }
  }

  /** VMs whose wish for a JobDefs is refused since this pass; to be asked before their objects show it. */
  #newlyRefused(record: OpenStackClientRecord, { outcome }: PassReport, memory: ClientMemory): ReadonlySet<string> {
    if (outcome.kind !== "passed") return new Set();
    const told = memory.refusals;
    const before =
      told === undefined
        ? shownRefusals(shownStatuses(record, this.#ports.projection.store))
        : (uuid: string) => told.get(uuid);
    const { refusals, newlyRefused } = judgeRefusals(outcome.vms, before);
    memory.refusals = refusals;
    return newlyRefused;
  }

  /** Shows the VMs as ManagedVMs and counts them; false when some could not be written. A dry run writes none. */
  async #project(
    record: OpenStackClientRecord,
    { policy, outcome }: PassReport,
    isClear: boolean,
    memory: ClientMemory,
    { signal, log }: ReconcileContext,
  ): Promise<boolean> {
    if (outcome.kind !== "passed") return true; // the status says so; what the objects show stays
    const { projection, clock, metrics } = this.#ports;
    const now = clock.now();
    const before = shownStatuses(record, projection.store);
    const counter = new VmCounter(now);
    const vms = counted(projectVms(outcome.vms, { policy, history: memory.history, before, now }), counter);
    const { written, failed, firstError } =
      policy.mode === "DryRun"
        ? await showNothing(vms, signal)
        : await projectManagedVms(record, vms, isClear, projection, signal);
    // A blind pass does not see opted-out VMs without a job; unknown must not change what is counted.
    if (isClear) memory.counts = counter.counts;
    if (memory.counts !== undefined) metrics.onCounts(policy.client, memory.counts);
    if (failed > 0) log.warn({ written, failed, err: firstError }, "some ManagedVMs could not be written");
    else if (written > 0) log.info({ written }, "ManagedVMs written");
    return failed === 0;
  }

  async #writeStatus(
    record: OpenStackClientRecord,
    facts: ClientFacts,
    policy: ClientPolicy | undefined,
    memory: ClientMemory,
    plan: readonly PlannedAction[] | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace, name, uid, resourceVersion, status } = record;
    const desired = clientStatusOf(record, facts, policy, memory, plan);
    const ref = { namespace, name };
    const outcome = await this.#ports.statuses.write({ ref, uid, resourceVersion, current: status, desired }, signal);
    if (outcome.kind !== "written") return;
    this.#ports.observe(outcome.object);
    recordTransitions(this.#ports.recorder, subjectOf(record), status["conditions"], desired.conditions ?? []);
  }

  #forget(key: string): Result {
    const memory = this.#memories.get(key);
    if (memory?.client !== undefined) this.#ports.metrics.onGone(memory.client);
    this.#memories.delete(key);
    return { kind: "done" };
  }
}

/** It is on the volume that this front end applied last; what a dry run saw is nowhere. */
function tookOver({ policy, outcome }: PassReport): boolean {
  return policy.mode === "Enforce" && outcome.kind === "passed" && outcome.frontEnd.kind === "ours";
}

const NO_CLAIM: ClaimVerdict = { kind: "granted", warnings: [] };

/** A pass that saw clearly and whose files are in the Director as they stand. */
function isWell({ observation, outcome }: PassReport): boolean {
  if (judgeObservation(observation).kind === "blind" || outcome.kind !== "passed") return false;
  const { publishing, failedChanges, unknownReferences } = outcome;
  const isPublished =
    publishing.kind === "unchanged" || publishing.kind === "published" || publishing.kind === "dryRun";
  return isPublished && failedChanges.length === 0 && unknownReferences.length === 0;
}

function subjectOf({ namespace, name, uid }: OpenStackClientRecord): EventSubject {
  return { apiVersion: API_VERSION, kind: OPEN_STACK_CLIENT.kind, namespace, name, uid };
}
