import { BoundedMap } from "./cache/bounded-map.ts";
import { SpamFilter } from "./events/spam-filter.ts";
import { isKubeError } from "./http/api-error.ts";
import type { ApiTransport } from "./http/api-transport.ts";
import { oneLine } from "./http/one-line.ts";
import { collectionPath, objectPath, type Resource } from "./http/resource.ts";
import type { Logger } from "./logger.ts";
import { FifoSet } from "./queue/fifo-set.ts";
import { BackOff } from "./time/back-off.ts";
import { sleep } from "./time/sleep.ts";
import type { Timing } from "./time/timing.ts";

/** The object that an event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
}

export interface EventNote {
  readonly subject: EventSubject;
  readonly type: "Normal" | "Warning";
  /** A constant in CamelCase. */
  readonly reason: string;
  /** For a person; made fit for one line and cut to 1024 bytes. */
  readonly message: string;
}

export interface EventRecorderOptions {
  readonly transport: ApiTransport;
  /** The program, as `kubectl describe` shows it under FROM. */
  readonly component: string;
  /** This process, such as the pod's name. */
  readonly instance: string;
  readonly timing: Timing;
  readonly log: Logger;
  /** Called for each event that was not sent and will not be; must not throw. */
  readonly onDrop?: ((why: "spam" | "full" | "refused") => void) | undefined;
}

const events: Resource = { group: "", version: "v1", plural: "events", namespaced: true };
/** The API's own limits. */
const longestMessageBytes = 1024;
const longestReasonBytes = 128;
const longestName = 253;
/** An event that comes again within this counts the one that is there up. */
const sameForMs = 600_000;
const mostRemembered = 4_096;
const mostWaiting = 1_000;
const mostTries = 5;
const sendBackOff = { baseMs: 500, maxMs: 30_000, resetAfterMs: 60_000 };

interface Entry {
  readonly note: EventNote;
  readonly firstEpochMs: number;
  lastEpochMs: number;
  /** Monotonic. */
  lastMs: number;
  count: number;
  tries: number;
  /** Where it is on the server, once it is. */
  name: string | undefined;
}

/**
 * Tells people what happened, as core/v1 Events. `record` only notes it down: it does not wait, does not throw, and
 * its memory is bounded; events are the first thing to go when there are too many. The same event (object, reason,
 * text) within ten minutes counts one up instead of making another.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #filter = new SpamFilter();
  readonly #remembered = new BoundedMap<string, Entry>(mostRemembered);
  readonly #waiting = new FifoSet<Entry>();
  readonly #backOff: BackOff;
  readonly #idleWaiters = new Set<() => void>();
  #wake: () => void = () => {};
  #isSending = false;
  #serial: number;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#backOff = new BackOff(sendBackOff, options.timing);
    // Names must differ from those of another process in the same millisecond.
    this.#serial = Math.floor(options.timing.random() * 1_000_000);
  }

  record(note: EventNote): void {
    try {
      this.#record(note);
    } catch (error) {
      this.#options.log.error({ err: error, reason: note.reason }, "an event could not be recorded");
    }
  }

  /** Sends what was recorded until the signal aborts, then resolves. */
  async run(signal: AbortSignal): Promise<void> {
    const wakeUp = (): void => this.#wake();
    signal.addEventListener("abort", wakeUp);
    while (!signal.aborted) {
      const entry = this.#waiting.shift();
      if (entry === undefined) {
        for (const wake of this.#idleWaiters) wake();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else {
        this.#isSending = true;
        await this.#send(entry, signal);
        this.#isSending = false;
      }
    }
    signal.removeEventListener("abort", wakeUp);
  }

  /** Resolves when all is sent, or after `limitMs`. */
  flush(limitMs: number): Promise<void> {
    if (this.#waiting.size === 0 && !this.#isSending) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#idleWaiters.delete(end);
        resolve();
      };
      const cancel = this.#options.timing.schedule(limitMs, end);
      this.#idleWaiters.add(end);
    });
  }

  #record({ subject, type, reason, message }: EventNote): void {
    const { timing, onDrop } = this.#options;
    const note: EventNote = {
      subject,
      type,
      reason: oneLine(reason, longestReasonBytes),
      message: oneLine(message, longestMessageBytes),
    };
    const nowMs = timing.monotonicNow();
    if (!this.#filter.admits(subject.uid, nowMs)) {
      onDrop?.("spam");
      return;
    }
    if (this.#waiting.size >= mostWaiting) {
      onDrop?.("full");
      return;
    }
    const key = JSON.stringify([subject.uid, type, note.reason, note.message]);
    const known = this.#remembered.get(key);
    const entry = known !== undefined && nowMs - known.lastMs < sameForMs ? known : this.#begin(note);
    entry.count += 1;
    entry.tries = 0;
    entry.lastMs = nowMs;
    entry.lastEpochMs = timing.now();
    this.#remembered.set(key, entry);
    this.#waiting.push(entry);
    this.#wake();
  }

  #begin(note: EventNote): Entry {
    const nowMs = this.#options.timing.now();
    return { note, firstEpochMs: nowMs, lastEpochMs: nowMs, lastMs: 0, count: 0, tries: 0, name: undefined };
  }

  async #send(entry: Entry, signal: AbortSignal): Promise<void> {
    try {
      if (entry.name !== undefined) await this.#countUp(entry, entry.name, signal);
      else await this.#create(entry, signal);
    } catch (error) {
      if (!signal.aborted) await this.#judge(entry, error, signal);
    }
  }

  async #create(entry: Entry, signal: AbortSignal): Promise<void> {
    const { component, instance, transport } = this.#options;
    const { subject, type, reason, message } = entry.note;
    const namespace = namespaceOf(subject);
    const name = this.#newName(subject.name);
    const body = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace },
      involvedObject: subject,
      type,
      reason,
      message,
      source: { component },
      reportingComponent: component,
      reportingInstance: oneLine(instance, longestReasonBytes),
      firstTimestamp: wholeSeconds(entry.firstEpochMs),
      lastTimestamp: wholeSeconds(entry.lastEpochMs),
      count: entry.count,
    };
    await transport.request({ method: "POST", path: collectionPath(events, namespace), body, signal });
    entry.name = name;
  }

  async #countUp(entry: Entry, name: string, signal: AbortSignal): Promise<void> {
    const path = objectPath(events, { namespace: namespaceOf(entry.note.subject), name });
    const body = { count: entry.count, lastTimestamp: wholeSeconds(entry.lastEpochMs) };
    const contentType = "application/merge-patch+json";
    try {
      await this.#options.transport.request({ method: "PATCH", path, body, contentType, signal });
    } catch (error) {
      if (!isKubeError(error, "NotFound")) throw error;
      // Events live for an hour; this one is gone before we forgot it.
      entry.name = undefined;
      await this.#create(entry, signal);
    }
  }

  async #judge(entry: Entry, error: unknown, signal: AbortSignal): Promise<void> {
    const { log, timing, onDrop } = this.#options;
    entry.tries += 1;
    if (entry.tries >= mostTries || isKubeError(error, "Forbidden", "Invalid", "BadRequest", "NotFound")) {
      onDrop?.("refused");
      log.warn({ err: error, reason: entry.note.reason }, "an event was dropped");
      return;
    }
    if (this.#waiting.size < mostWaiting) this.#waiting.push(entry);
    else onDrop?.("full");
    // Rejects only by the signal, which ends the loop.
    await sleep(timing, this.#backOff.nextDelayMs(), signal).catch(() => {});
  }

  #newName(subject: string): string {
    this.#serial = (this.#serial + 1) % 1_000_000;
    const suffix = `.${(BigInt(this.#options.timing.now()) * 1_000_000n + BigInt(this.#serial)).toString(16)}`;
    return subject.slice(0, longestName - suffix.length).replace(/[^a-z0-9]+$/, "") + suffix;
  }
}

/** Events about objects without a namespace live in `default`. */
function namespaceOf(subject: EventSubject): string {
  return subject.namespace ?? "default";
}

function wholeSeconds(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
