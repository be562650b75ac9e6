import { type Lease, LeaseRecord, type LeaseSpec, microTime } from "./election/lease.ts";
import { isKubeError } from "./http/api-error.ts";
import type { ApiTransport } from "./http/api-transport.ts";
import type { Logger } from "./logger.ts";
import { withDeadline } from "./time/deadline.ts";
import { sleep } from "./time/sleep.ts";
import type { Timing } from "./time/timing.ts";
import { untilAborted } from "./time/until-aborted.ts";

export interface ElectorOptions {
  readonly transport: ApiTransport;
  readonly namespace: string;
  readonly name: string;
  /** Unique for this process, also against its own previous life: the pod's name and something random. */
  readonly identity: string;
  readonly timing: Timing;
  readonly log: Logger;
  /** How long others wait without a sign of life before they take over. Default 15 s. */
  readonly leaseDurationMs?: number | undefined;
  /** How long we go on without a successful renewal before we stop ourselves; less than the duration. Default 10 s. */
  readonly renewDeadlineMs?: number | undefined;
  /** Pause between two renewals, and between two looks while another leads. Default 2 s. */
  readonly retryPeriodMs?: number | undefined;
}

/** The lease was lost while work may still be going on: the process must end at once. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
  readonly code = "LeaseLost";
}

type State =
  | { readonly kind: "candidate" }
  /** `sinceMs`: when the last successful renewal was *sent*; the server may have counted from then. */
  | { readonly kind: "leader"; readonly sinceMs: number }
  | { readonly kind: "released" }
  | { readonly kind: "lost" };

/** Beyond this over the lease's duration an unrenewed leader counts as hung. */
const healthToleranceMs = 20_000;

/**
 * Leader election over a coordination.k8s.io/v1 Lease, with client-go's rules and times.
 *
 * States: candidate -> leader (the Lease is ours) -> released (by `release`) or lost (no renewal within the deadline,
 * or another holder); a lost or released elector never comes back, the process starts anew.
 *
 * Whether another's lease has expired is judged only by how long *we* have seen it unchanged, never by comparing its
 * times with our clock. All writes carry the resource version that was read, so of several writers one wins.
 */
export class LeaseElector {
  readonly #options: ElectorOptions;
  readonly #record: LeaseRecord;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #periodMs: number;
  readonly #acquired = Promise.withResolvers<void>();
  readonly #loss = new AbortController();
  readonly #release = new AbortController();
  #state: State = { kind: "candidate" };
  /** What was read or written last, and when it was first seen so. */
  #seen: { readonly lease: Lease; readonly sinceMs: number } | undefined;

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#record = new LeaseRecord(options.transport, options.namespace, options.name);
    this.#durationMs = options.leaseDurationMs ?? 15_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#periodMs = options.retryPeriodMs ?? 2_000;
  }

  /** Whether we lead at this very moment; false as soon as others could have taken over, even if we were asleep. */
  get isLeader(): boolean {
    return this.#state.kind === "leader" && this.#sinceMs(this.#state.sinceMs) < this.#durationMs;
  }

  /** Aborts, with `LeaseLost`, when leadership ends otherwise than by `release`. The process must then end at once. */
  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  /** For /livez: false when we lead but have not renewed for far too long, so that even noticing the loss hangs. */
  isHealthy(): boolean {
    if (this.#state.kind !== "leader") return true;
    return this.#sinceMs(this.#state.sinceMs) < this.#durationMs + healthToleranceMs;
  }

  /** Resolves when we lead; rejects with the signal's reason. */
  whenLeading(signal: AbortSignal): Promise<void> {
    return untilAborted(this.#acquired.promise, signal);
  }

  /**
   * Campaigns, then renews, until `release` is called, the lease is lost, or the signal aborts (without release: others
   * then wait for the lease to expire). Resolves in every case. To be called once.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = AbortSignal.any([signal, this.#release.signal, this.#loss.signal]);
    // Rejects only by the signals.
    await this.#campaign(stop)
      .then(() => this.#keep(stop))
      .catch((error: unknown) => {
        if (!stop.aborted) throw error;
      });
  }

  /**
   * Gives the lease up, so that another takes over at once. To be called only when all work that it guards has ended.
   * Never rejects: a lease that could not be given up expires by itself.
   */
  async release(signal: AbortSignal): Promise<void> {
    const wasLeader = this.#state.kind === "leader";
    if (this.#state.kind !== "lost") this.#state = { kind: "released" };
    this.#release.abort(new Error("the lease is being released"));
    if (!wasLeader) return;
    const { timing, log } = this.#options;
    const limit = { what: "releasing the lease", limitMs: this.#deadlineMs };
    try {
      await withDeadline(timing, limit, signal, (own) => this.#giveUp(own));
      log.info({ lease: this.#record.name }, "lease released");
    } catch (error) {
      log.warn({ lease: this.#record.name, err: error }, "lease could not be released and will expire");
    }
  }

  async #campaign(signal: AbortSignal): Promise<void> {
    const { timing, log, identity } = this.#options;
    const limit = { what: "asking for the lease", limitMs: this.#deadlineMs };
    for (;;) {
      const attemptMs = timing.monotonicNow();
      try {
        if (await withDeadline(timing, limit, signal, (own) => this.#tryToAcquire(own))) {
          this.#state = { kind: "leader", sinceMs: attemptMs };
          log.info({ lease: this.#record.name, identity }, "lease acquired");
          this.#acquired.resolve();
          return;
        }
      } catch (error) {
        signal.throwIfAborted();
        const fields = { lease: this.#record.name, err: error };
        if (isKubeError(error, "Conflict", "AlreadyExists")) log.debug(fields, "another was faster to take the lease");
        else log.warn(fields, "the lease could not be asked for");
      }
      await sleep(timing, this.#untilNextLookMs(), signal);
    }
  }

  async #tryToAcquire(signal: AbortSignal): Promise<boolean> {
    const { identity, timing } = this.#options;
    const lease = await this.#read(signal);
    const holder = lease?.spec.holderIdentity ?? "";
    if (holder !== "" && holder !== identity && this.#expiresInMs() > 0) return false;
    const acquireTime = microTime(timing.now());
    if (lease === undefined) {
      this.#see(await this.#record.create({ ...this.#ourSpec(), acquireTime, leaseTransitions: 0 }, signal));
    } else {
      const leaseTransitions = (lease.spec.leaseTransitions ?? 0) + (holder === identity ? 0 : 1);
      this.#see(await this.#record.replace(lease, { ...this.#ourSpec(), acquireTime, leaseTransitions }, signal));
    }
    return true;
  }

  /** After a period, or right when the other's lease expires, a little apart from other candidates. */
  #untilNextLookMs(): number {
    const { timing } = this.#options;
    const expiresInMs = this.#expiresInMs();
    const nextMs = this.#periodMs * (1 + timing.random() / 5);
    return expiresInMs > 0 ? Math.min(nextMs, expiresInMs + (timing.random() * this.#periodMs) / 4) : nextMs;
  }

  /** Renews until the signal aborts; a loss is told by aborting `lost`. */
  async #keep(signal: AbortSignal): Promise<void> {
    const { timing, log } = this.#options;
    while (this.#state.kind === "leader") {
      const { sinceMs } = this.#state;
      // Never sleeps over the deadline, so that the loss is noticed when it happens.
      const leftMs = (): number => Math.max(0, this.#deadlineMs - this.#sinceMs(sinceMs));
      await sleep(timing, Math.min(this.#periodMs, leftMs()), signal);
      if (leftMs() === 0) return this.#lose("no renewal succeeded within the deadline");
      const attemptMs = timing.monotonicNow();
      try {
        // Half of the deadline, so that after a connection that hangs there is time for a second try.
        const limit = { what: "renewing the lease", limitMs: Math.min(leftMs(), this.#deadlineMs / 2) };
        const isOurs = await withDeadline(timing, limit, signal, (own) => this.#renew(own));
        signal.throwIfAborted();
        if (!isOurs) return this.#lose("another holds the lease");
        this.#state = { kind: "leader", sinceMs: attemptMs };
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ lease: this.#record.name, err: error }, "the lease could not be renewed");
      }
    }
  }

  /** False when another holds it. Writes over what we wrote last, and reads only when that is not so any more. */
  async #renew(signal: AbortSignal): Promise<boolean> {
    const last = this.#seen?.lease;
    if (last !== undefined) {
      try {
        this.#see(await this.#record.replace(last, this.#ourSpec(), signal));
        return true;
      } catch (error) {
        if (!isKubeError(error, "Conflict", "NotFound")) throw error;
      }
    }
    const lease = await this.#read(signal);
    if (lease === undefined) {
      // Someone deleted it: it is free, and whoever creates it first has it.
      this.#see(await this.#record.create({ ...this.#ourSpec(), leaseTransitions: 0 }, signal));
      return true;
    }
    if (lease.spec.holderIdentity !== this.#options.identity) return false;
    this.#see(await this.#record.replace(lease, this.#ourSpec(), signal));
    return true;
  }

  async #giveUp(signal: AbortSignal): Promise<void> {
    for (let mayRepeat = true; ; mayRepeat = false) {
      const lease = await this.#record.read(signal);
      if (lease?.spec.holderIdentity !== this.#options.identity) return;
      const spec = { holderIdentity: "", leaseDurationSeconds: 1, renewTime: microTime(this.#options.timing.now()) };
      try {
        await this.#record.replace(lease, spec, signal);
        return;
      } catch (error) {
        // Our own last renewal may still have been on its way.
        if (!mayRepeat || !isKubeError(error, "Conflict")) throw error;
      }
    }
  }

  #lose(why: string): void {
    this.#state = { kind: "lost" };
    this.#options.log.error({ lease: this.#record.name, why }, "lease lost");
    this.#loss.abort(new LeaseLost(`the lease ${this.#record.name} is lost: ${why}`));
  }

  #ourSpec(): LeaseSpec {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
      renewTime: microTime(this.#options.timing.now()),
    };
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const lease = await this.#record.read(signal);
    if (lease === undefined) this.#seen = undefined;
    else this.#see(lease);
    return lease;
  }

  #see(lease: Lease): void {
    // Only what the holder writes counts as a sign of life; a label that someone adds does not.
    const isSame = JSON.stringify(this.#seen?.lease.spec) === JSON.stringify(lease.spec);
    const sinceMs = isSame && this.#seen !== undefined ? this.#seen.sinceMs : this.#options.timing.monotonicNow();
    this.#seen = { lease, sinceMs };
  }

  /** How long the holder that was seen last still has, as far as we can judge; 0 or less when it may be taken. */
  #expiresInMs(): number {
    if (this.#seen === undefined) return 0;
    const seconds = this.#seen.lease.spec.leaseDurationSeconds ?? 0;
    return (seconds > 0 ? seconds * 1000 : this.#durationMs) - this.#sinceMs(this.#seen.sinceMs);
  }

  #sinceMs(pastMs: number): number {
    return this.#options.timing.monotonicNow() - pastMs;
  }
}
