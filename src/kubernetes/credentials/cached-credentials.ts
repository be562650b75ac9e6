import type { Logger } from "../logger.ts";
import { withDeadline } from "../time/deadline.ts";
import type { Timing } from "../time/timing.ts";
import type { Credentials, PresentCredentials, TlsMaterial } from "./credentials.ts";

/** How long what was read counts; kubelet renews a token at 80 % of its life, so a minute is always in time. */
const freshForMs = 60_000;
/** An exec plugin may ask a person or a cloud; after this it counts as failed. */
const readLimitMs = 60_000;

/**
 * Credentials that are read again every minute, by one reader at a time, and at once after a 401. When reading fails
 * the ones from before stay in use: a file that is just being replaced must not stop the program.
 */
export class CachedCredentials implements Credentials {
  readonly #read: () => Promise<PresentCredentials>;
  readonly #timing: Timing;
  readonly #log: Logger;
  #held: PresentCredentials | undefined;
  #dueAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<PresentCredentials> | undefined;

  constructor(read: () => Promise<PresentCredentials>, timing: Timing, log: Logger) {
    this.#read = read;
    this.#timing = timing;
    this.#log = log;
  }

  async present(signal: AbortSignal): Promise<PresentCredentials> {
    signal.throwIfAborted();
    if (this.#held !== undefined && this.#timing.monotonicNow() < this.#dueAtMs) return this.#held;
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  renew(): void {
    this.#dueAtMs = Number.NEGATIVE_INFINITY;
  }

  async #refresh(): Promise<PresentCredentials> {
    const limit = { what: "reading the credentials", limitMs: readLimitMs };
    try {
      const read = await withDeadline(this.#timing, limit, new AbortController().signal, (signal) =>
        Promise.race([this.#read(), rejection(signal)]),
      );
      this.#held = keepIdentity(this.#held, read);
    } catch (error) {
      if (this.#held === undefined) throw error;
      this.#log.warn({ err: error }, "credentials could not be read again, the ones from before stay in use");
    }
    this.#dueAtMs = this.#timing.monotonicNow() + freshForMs;
    return this.#held;
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** The same certificates keep their object, since another one means new connections. */
function keepIdentity(held: PresentCredentials | undefined, read: PresentCredentials): PresentCredentials {
  return held !== undefined && isSameTls(held.tls, read.tls) ? { ...read, tls: held.tls } : read;
}

function isSameTls(a: TlsMaterial, b: TlsMaterial): boolean {
  const text = (tls: TlsMaterial): string =>
    JSON.stringify([tls.ca, tls.cert, tls.key].map(String).concat(tls.serverName ?? "", String(tls.skipVerify)));
  return text(a) === text(b);
}
