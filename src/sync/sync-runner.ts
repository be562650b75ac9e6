import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { FirstBackupLimits } from "../domain/lifecycle/first-backups.ts";
import type { PurgeMeans } from "./batch-context.ts";
import type { BatchItem } from "./batch-item.ts";
import { DirectorInventory } from "./decide/director-inventory.ts";
import { FleetLosses } from "./decide/fleet-losses.ts";
import type { PersonalWishes } from "./decide/plan-client.ts";
import { FirstBackups } from "./first-backup/first-backups.ts";
import { createdIn, isUnconfirmed, joinReports, newlyPresentIn } from "./join-reports.ts";
import { confirmAbsences, observeClient } from "./observe-client.ts";
import type { NewVm, Observation, PassReport } from "./pass-report.ts";
import type { Ports } from "./ports.ts";
import { PublishMemory } from "./publish/publish-memory.ts";
import { purgeVms } from "./purge/purge-vms.ts";
import { ScheduleWatch } from "./schedule/schedule-watch.ts";
import { syncBatch } from "./sync-batch.ts";

export interface SyncRequest {
  readonly policy: ClientPolicy;
  /** Decide again on this observation instead of asking anew, for wishes that came between two passes. */
  readonly observation?: Observation | undefined;
  /** Read at the moment of deciding, so that the newest words count. */
  readonly personal: () => PersonalWishes;
  /**
   * Told of new VMs, of each part as soon as its files are durable: what shows them elsewhere need not wait for the
   * Director. Under the lock; must not throw.
   */
  readonly onWritten?: ((vms: readonly NewVm[]) => void) | undefined;
  /** Time between two trusted listings that still counts as seeing (rule 3). */
  readonly maxSightGapMs: number;
  /** Lasting name of the front end that asks: the same after a restart, and for each replica of it. */
  readonly frontEnd: string;
  /** A person's word, not used before: from now on this front end's policy counts (spec section 4). */
  readonly takesOver?: boolean | undefined;
  /** A person's word: hand-edited directives follow policy too in this pass (`sync --apply-policy`). */
  readonly appliesPolicy?: boolean | undefined;
  /** True: a dry run tells files and what would be held, too (`plan`). */
  readonly foresees?: boolean | undefined;
  /** A person's approval of removals, not used before (rule 2). */
  readonly approval?: string | undefined;
}

export interface SyncRunnerOptions {
  /** How long the first client of a batch waits for others. */
  readonly gatherMs: number;
  /** True: a batch begins as soon as no client is being asked any more, also before `gatherMs` is over. */
  readonly gathersAll?: boolean | undefined;
  /** True: a report also has what the Director says of schedules after its pass, for a process that has no next one. */
  readonly waitsForSchedule?: boolean | undefined;
  /** True: the Director is not reloaded (RELOAD_AFTER_SYNC=0); without it it is. */
  readonly leavesReload?: boolean | undefined;
  readonly signal: AbortSignal;
  /** Without it the limits of spec section 7. */
  readonly firstBackups?: FirstBackupLimits | undefined;
  /** New VMs that one pass over one client protects (rule 8); without it as many as spec section 8 says. */
  readonly newVmsPerPass?: number | undefined;
  /** Tag changes of one VM are applied at most once in this time (rule 8); without it as spec section 8 says. */
  readonly tagChangeIntervalMs?: number | undefined;
  /** Absent: nothing is ever purged, whatever policies say. */
  readonly purges?: PurgeMeans | undefined;
  /** Told how many of the Director's 32 reload slots are lost, whenever that is looked at. */
  readonly onReloadSlots?: ((used: number) => void) | undefined;
  /** Told how many of our reloads were taken while the oldest job runs, whenever that is looked at. */
  readonly onPinnedSlots?: ((reloads: number) => void) | undefined;
  /** Told why the Director could not say which jobs it runs by itself. */
  readonly onScheduleUnknown?: ((detail: string) => void) | undefined;
}

const FIRST_BACKUP_LIMITS: FirstBackupLimits = { perClient: 2, total: 5 };
const NEW_VMS_PER_PASS = 10_000;
const TAG_CHANGE_INTERVAL_MS = 3_600_000;

interface Waiting {
  readonly item: BatchItem;
  readonly resolve: (report: PassReport) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs passes for both front ends. Seeing (`.query`, catalog) goes on for many clients at once and without a lock; what
 * was seen is then decided, written and published for all waiting clients together: one lock, one reload (spec
 * section 5, rule 7: batched, one in flight, one queued).
 *
 * States: idle -> gathering (for `gatherMs` after the first arrival) -> working -> gathering or idle. Clients that
 * arrive while a batch works form the next one, so a slow reload makes batches larger, never more.
 */
export class SyncRunner {
  readonly #ports: Ports;
  readonly #gatherMs: number;
  readonly #gathersAll: boolean;
  readonly #waitsForSchedule: boolean;
  readonly #leavesReload: boolean;
  readonly #signal: AbortSignal;
  readonly #onReloadSlots: ((used: number) => void) | undefined;
  readonly #onPinnedSlots: ((reloads: number) => void) | undefined;
  readonly #inventory: DirectorInventory;
  readonly #memory = new PublishMemory();
  readonly #losses = new FleetLosses();
  readonly #firstBackups: FirstBackups;
  readonly #schedule: ScheduleWatch;
  readonly #newVmsPerPass: number;
  readonly #tagChangeIntervalMs: number;
  readonly #purges: PurgeMeans | undefined;
  #waiting: Waiting[] = [];
  /** Clients that are being asked now. */
  #asking = 0;
  /** Ends the gathering of a batch before its time. */
  #endGathering: () => void = () => undefined;
  #isWorking = false;

  /** `signal` ends the runner: a batch stops at its next safe point. A single request's signal only ends its waiting. */
  constructor(ports: Ports, options: SyncRunnerOptions) {
    this.#ports = ports;
    this.#inventory = new DirectorInventory(ports.director, ports.clock);
    this.#firstBackups = new FirstBackups(options.firstBackups ?? FIRST_BACKUP_LIMITS);
    this.#schedule = new ScheduleWatch(ports.director, ports.clock, options.onScheduleUnknown);
    this.#newVmsPerPass = options.newVmsPerPass ?? NEW_VMS_PER_PASS;
    this.#tagChangeIntervalMs = options.tagChangeIntervalMs ?? TAG_CHANGE_INTERVAL_MS;
    this.#purges = options.purges;
    this.#gatherMs = options.gatherMs;
    this.#gathersAll = options.gathersAll ?? false;
    this.#waitsForSchedule = options.waitsForSchedule ?? false;
    this.#leavesReload = options.leavesReload ?? false;
    this.#signal = options.signal;
    this.#onReloadSlots = options.onReloadSlots;
    this.#onPinnedSlots = options.onPinnedSlots;
  }

  /**
   * One pass over one client. Where absences would lead to something, the Director is asked again and the pass decides
   * once more on what all answers show (rule 1); what did not depend on it was done meanwhile. Expected trouble is in
   * the report; rejects on abort and on programming errors.
   */
  async run(request: SyncRequest, signal: AbortSignal): Promise<PassReport> {
    const { policy, observation: given, ...rest } = request;
    signal.throwIfAborted();
    // What was seen before says nothing of absences now: only a fresh answer, asked again, may remove anything.
    const observation: Observation =
      given === undefined
        ? await this.#ask(() => observeClient(policy, this.#ports, signal))
        : { ...given, absences: "unconfirmed" };
    const first = await this.#decide({ policy, observation, maxNewVms: this.#newVmsPerPass, ...rest });
    if (given !== undefined || !isUnconfirmed(first)) return first;
    const confirmed = await this.#ask(() => confirmAbsences(observation, policy, this.#ports, signal));
    const newlyPresent = newlyPresentIn(first);
    const maxNewVms = this.#newVmsPerPass - createdIn(first);
    const second = await this.#decide({ policy, observation: confirmed, newlyPresent, maxNewVms, ...rest });
    return this.#purge(joinReports(first, second), signal);
  }

  /** Purges go on behind the batch, with what it has just confirmed and published. */
  async #purge(report: PassReport, signal: AbortSignal): Promise<PassReport> {
    const { director, volume, clock } = this.#ports;
    if (this.#purges === undefined) return report;
    const either = AbortSignal.any([signal, this.#signal]);
    return purgeVms(report, { means: this.#purges, director, volume, clock, signal: either });
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    this.#asking++;
    try {
      return await question();
    } finally {
      this.#asking--;
      // Not at once: who asked goes on first, and waits for the batch.
      if (this.#gathersAll && this.#asking === 0) setImmediate(() => this.#asking === 0 && this.#endGathering());
    }
  }

  #decide(item: BatchItem): Promise<PassReport> {
    return new Promise<PassReport>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isWorking) void this.#workUntilEmpty();
    });
  }

  /** Never rejects: a batch's trouble goes to those who wait for it. */
  async #workUntilEmpty(): Promise<void> {
    this.#isWorking = true;
    try {
      while (this.#waiting.length > 0) {
        await this.#gather();
        const batch = this.#waiting;
        this.#waiting = [];
        await this.#work(batch);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  async #gather(): Promise<void> {
    // One turn for those whose answers came with the last one's.
    if (this.#gathersAll && this.#asking === 0) return new Promise((resolve) => setImmediate(resolve));
    const end = new AbortController();
    this.#endGathering = () => end.abort();
    await pause(this.#gatherMs, AbortSignal.any([this.#signal, end.signal]));
  }

  async #work(batch: readonly Waiting[]): Promise<void> {
    try {
      this.#signal.throwIfAborted();
      const items = batch.map(({ item }) => item);
      const reports = await syncBatch(items, this.#ports.volume, {
        director: this.#ports.director,
        catalog: this.#ports.catalog,
        clock: this.#ports.clock,
        inventory: this.#inventory,
        memory: this.#memory,
        losses: this.#losses,
        tagChangeIntervalMs: this.#tagChangeIntervalMs,
        onReloadSlots: this.#onReloadSlots,
        onPinnedSlots: this.#onPinnedSlots,
        firstBackups: this.#firstBackups,
        purge: this.#purges,
        schedule: this.#schedule,
        leavesReload: this.#leavesReload,
        signal: this.#signal,
      });
      // Usually not waited for: what the Director says counts from the next pass on.
      const asking = this.#schedule.askWhenDue(this.#signal);
      if (this.#waitsForSchedule) await asking;
      for (const [index, waiting] of batch.entries()) {
        const report = reports[index];
        if (report === undefined) waiting.reject(new Error("a pass ended without a report"));
        else waiting.resolve(this.#waitsForSchedule ? withSchedule(report, this.#schedule) : report);
      }
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}

/** The report with what the Director says of schedules by now. */
function withSchedule(report: PassReport, schedule: ScheduleWatch): PassReport {
  const { outcome } = report;
  if (outcome.kind !== "passed") return report;
  const vms = outcome.vms.map((vm) =>
    vm.job === undefined || vm.publishing.kind !== "published" ? vm : { ...vm, schedule: schedule.verdictOf(vm.job) },
  );
  return { ...report, outcome: { ...outcome, vms } };
}

/** Ends early on abort; the batch then rejects its clients itself. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
