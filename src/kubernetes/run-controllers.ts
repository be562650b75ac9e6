import type { LeaseLost } from "./lease-elector.ts";
import type { Logger } from "./logger.ts";
import type { Timing } from "./time/timing.ts";
import type { DrainOutcome } from "./work-queue.ts";

/** What is run; the classes of this folder fit. */
export interface Parts {
  /** Watch also while another leads, so that taking over starts from warm caches. */
  readonly reflectors: readonly {
    run(signal: AbortSignal): Promise<void>;
    waitForSync(signal: AbortSignal): Promise<void>;
  }[];
  /** Work only while we lead. */
  readonly controllers: readonly {
    readonly name: string;
    readonly queue: { close(): void; whenDrained(limitMs: number): Promise<DrainOutcome> };
    run(signal: AbortSignal): Promise<void>;
  }[];
  /** Other work that only the leader does: runs until its signal aborts, then resolves. */
  readonly loops?: readonly ((signal: AbortSignal) => Promise<void>)[] | undefined;
  /** Left out: we are alone and always lead. */
  readonly elector?:
    | {
        readonly lost: AbortSignal;
        run(signal: AbortSignal): Promise<void>;
        whenLeading(signal: AbortSignal): Promise<void>;
        release(signal: AbortSignal): Promise<void>;
      }
    | undefined;
  readonly recorder?: { run(signal: AbortSignal): Promise<void>; flush(limitMs: number): Promise<void> } | undefined;
  readonly transport: { close(): Promise<void> };
  /** True when all caches are complete, false from the first moment of stopping. For /readyz. */
  readonly onReady: (isReady: boolean) => void;
  readonly timing: Timing;
  readonly log: Logger;
  /** How long running reconciles may take to end; well under the pod's terminationGracePeriodSeconds. Default 20 s. */
  readonly drainMs?: number | undefined;
}

export type RunEnd =
  /** As asked. Without `isDrained` some work did not end in time, and the lease was left to expire. */
  | { readonly kind: "stopped"; readonly isDrained: boolean }
  /** Others may work already: the process must end at once, non-zero, and finish nothing. */
  | { readonly kind: "lease-lost"; readonly error: LeaseLost }
  /** A part ended by an error that it should never end by. */
  | { readonly kind: "failed"; readonly error: unknown };

/** After their signal aborted, reconciles get this much longer; what still runs then does not heed it. */
const afterAbortMs = 5_000;
const flushMs = 2_000;

/**
 * Runs everything until `stop` aborts, the lease is lost or a part fails, and stops in the one order that is safe:
 * not ready any more -> queues closed -> running reconciles end, or are aborted after `drainMs`, while the lease is
 * still being renewed -> events sent -> watches ended -> lease released, unless work is still going on -> connections
 * closed. On a lost lease everything is aborted at once instead.
 */
export async function runControllers(parts: Parts, stop: AbortSignal): Promise<RunEnd> {
  const working = new AbortController();
  const watching = new AbortController();
  const electing = new AbortController();
  const failure = Promise.withResolvers<RunEnd>();
  const own = (run: Promise<void>): Promise<void> =>
    run.catch((error: unknown) => failure.resolve({ kind: "failed", error }));

  const watchers = [...parts.reflectors, ...(parts.recorder === undefined ? [] : [parts.recorder])];
  const watches = watchers.map((part) => own(part.run(watching.signal)));
  const election = parts.elector === undefined ? Promise.resolve() : own(parts.elector.run(electing.signal));

  const work: Promise<void>[] = [];
  const starting = AbortSignal.any([stop, working.signal]);
  const started = own(
    whenLeading(parts, starting).then((isLeading) => {
      if (!isLeading || starting.aborted) return;
      for (const run of parts.controllers) work.push(own(run.run(working.signal)));
      for (const loop of parts.loops ?? []) work.push(own(loop(working.signal)));
    }),
  );

  const end = await Promise.race([whenAborted(stop), whenLost(parts.elector?.lost), failure.promise]);
  parts.onReady(false);
  if (end.kind !== "stopped") {
    for (const part of [working, watching, electing]) part.abort(end.error);
    for (const { queue } of parts.controllers) queue.close();
    await parts.transport.close();
    return end;
  }

  await started;
  const isDrained = await drain(parts, working, work);
  await parts.recorder?.flush(flushMs);
  watching.abort(stop.reason);
  await Promise.all(watches);
  if (isDrained) await parts.elector?.release(electing.signal);
  electing.abort(stop.reason);
  await election;
  await parts.transport.close();
  return { kind: "stopped", isDrained };
}

/** False when told to stop before. */
async function whenLeading(parts: Parts, signal: AbortSignal): Promise<boolean> {
  try {
    await Promise.all(parts.reflectors.map((reflector) => reflector.waitForSync(signal)));
    parts.onReady(true);
    parts.log.info({}, "all caches are complete");
    await parts.elector?.whenLeading(signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** Whether all work ended. */
async function drain(parts: Parts, working: AbortController, work: readonly Promise<void>[]): Promise<boolean> {
  const { controllers, timing, log, drainMs = 20_000 } = parts;
  for (const { queue } of controllers) queue.close();
  const outcomes = await Promise.all(controllers.map(({ queue }) => queue.whenDrained(drainMs)));
  for (const [position, outcome] of outcomes.entries()) {
    if (outcome.kind === "drained") continue;
    const { keys } = outcome;
    log.warn({ controller: controllers[position]?.name, keys }, "work did not end in time and is aborted");
  }
  working.abort(new Error("stopping"));
  const tooLate = Promise.withResolvers<boolean>();
  const cancel = timing.schedule(afterAbortMs, () => tooLate.resolve(false));
  const isDrained = await Promise.race([Promise.all(work).then(() => true), tooLate.promise]);
  cancel();
  if (!isDrained) log.error({}, "work goes on although it was aborted, so the lease is left to expire");
  return isDrained;
}

function whenAborted(stop: AbortSignal): Promise<RunEnd> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ kind: "stopped", isDrained: true });
    if (stop.aborted) end();
    else stop.addEventListener("abort", end, { once: true });
  });
}

function whenLost(lost: AbortSignal | undefined): Promise<RunEnd> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ kind: "lease-lost", error: lost?.reason });
    if (lost?.aborted === true) end();
    else lost?.addEventListener("abort", end, { once: true });
  });
}
