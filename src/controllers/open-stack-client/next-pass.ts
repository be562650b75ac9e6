/** What an OpenStackClient's controller remembers of its last pass; lost with the process, which then asks anew. */
export interface LastPass {
  readonly generation: number;
  readonly requestedAt?: string | undefined;
  /** When the client is to be asked again, ms since the epoch; jitter and back-off are in it. */
  readonly nextAtMs: number;
}

export interface PassTriggers {
  readonly generation: number;
  /** Value of the annotation `requested-at`; any new token asks for a pass now. */
  readonly requestedAt?: string | undefined;
  /** Something of its ManagedVMs changed: decide again on what was seen last. */
  readonly isDirty: boolean;
}

export type NextPass =
  /** Ask the Director and the catalog. */
  | { readonly kind: "fresh" }
  /** Decide and project again from the last observation. */
  | { readonly kind: "again" }
  | { readonly kind: "wait"; readonly forMs: number };

/** Which pass an OpenStackClient needs now (spec section 7: every interval, on a request, on a change of its spec). */
export function nextPass(triggers: PassTriggers, last: LastPass | undefined, now: number): NextPass {
  if (last === undefined || last.generation !== triggers.generation) return { kind: "fresh" };
  const isRequested = triggers.requestedAt !== undefined && triggers.requestedAt !== last.requestedAt;
  if (isRequested || now >= last.nextAtMs) return { kind: "fresh" };
  return triggers.isDirty ? { kind: "again" } : { kind: "wait", forMs: last.nextAtMs - now };
}

const FIRST_RETRY_MS = 15_000;

/**
 * When the next pass is due, ms from now. After trouble the first retry comes soon and each further one waits twice as
 * long, never longer than the interval: an outage must not be polled faster than health, for long. Jitter of 10 % keeps
 * many clients from asking at the same moment. `random` is in [0, 1).
 */
export function passDelayMs(intervalMs: number, failuresInARow: number, random: number): number {
  const backOffMs =
    failuresInARow === 0 ? intervalMs : Math.min(intervalMs, FIRST_RETRY_MS * 2 ** Math.min(failuresInARow - 1, 20));
  return Math.round(backOffMs * (0.9 + 0.2 * random));
}
