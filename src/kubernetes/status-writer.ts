import type { ResourceClient } from "./apply.ts";
import { BoundedMap } from "./cache/bounded-map.ts";
import { identityOf } from "./cache/raw-object.ts";
import { compareVersions } from "./cache/resource-version.ts";
import { isKubeError, KubeApiError } from "./http/api-error.ts";
import { apiVersionOf, type ObjectRef, objectKey } from "./http/resource.ts";
import { Gate } from "./queue/gate.ts";
import { type DesiredStatus, mergeStatus } from "./status/merge-status.ts";
import type { Timing } from "./time/timing.ts";

export interface StatusWriterOptions {
  readonly client: ResourceClient;
  readonly kind: string;
  /** Of the status alone: another one than for the rest of the object. */
  readonly fieldManager: string;
  readonly timing: Timing;
  /** Writes in flight at once. Default 8: a status costs the API server more than a create. */
  readonly concurrency?: number | undefined;
}

export interface StatusRequest {
  readonly ref: ObjectRef;
  /** The object as the caller knows it, and the status that it has there. */
  readonly uid: string;
  readonly resourceVersion: string;
  readonly current: unknown;
  /** The whole status. JSON values only. */
  readonly desired: DesiredStatus;
}

export type StatusOutcome =
  /** It is so already; nothing was sent. */
  | { readonly kind: "unchanged" }
  /** `object` is the server's answer, to be observed by a reflector. */
  | { readonly kind: "written"; readonly resourceVersion: string; readonly object: unknown }
  /** There is no such object any more. */
  | { readonly kind: "gone" };

/** More written states than a cache could be behind at any time; one that is forgotten costs a needless write. */
const mostRemembered = 4_096;

interface Waiting {
  request: StatusRequest;
  signal: AbortSignal;
  readonly outcome: PromiseWithResolvers<StatusOutcome>;
}

interface Slot {
  next: Waiting | undefined;
}

/**
 * The one way by which a status of one kind is written. It compares first and sends nothing when nothing changed: a
 * patch without effect costs the API server as much as any other. Of several requests for one object that wait for a
 * write in flight only the last is written, and all of them get its outcome. What was just written counts as present
 * even while the caller's cache does not show it yet.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #gate: Gate;
  readonly #slots = new Map<string, Slot>();
  readonly #written = new BoundedMap<
    string,
    { readonly uid: string; readonly resourceVersion: string; readonly status: unknown }
  >(mostRemembered);

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#gate = new Gate(options.concurrency ?? 8);
  }

  /** Throws `KubeApiError`, or the signal's reason. */
  write(request: StatusRequest, signal: AbortSignal): Promise<StatusOutcome> {
    const key = objectKey(request.ref);
    const busy = this.#slots.get(key);
    if (busy === undefined) {
      const slot: Slot = { next: undefined };
      this.#slots.set(key, slot);
      return this.#run(key, slot, request, signal);
    }
    busy.next = { request, signal, outcome: busy.next?.outcome ?? Promise.withResolvers() };
    return busy.next.outcome.promise;
  }

  async #run(key: string, slot: Slot, request: StatusRequest, signal: AbortSignal): Promise<StatusOutcome> {
    try {
      const merge = mergeStatus(this.#present(key, request), request.desired, this.#nowIso());
      if (merge.kind === "same") return { kind: "unchanged" };
      return await this.#gate.run(() => this.#send(key, request, merge.status, signal), signal);
    } finally {
      const { next } = slot;
      slot.next = undefined;
      if (next === undefined) this.#slots.delete(key);
      else next.outcome.resolve(this.#run(key, slot, next.request, next.signal));
    }
  }

  /** The status that is there, as far as anyone here knows. */
  #present(key: string, request: StatusRequest): unknown {
    const written = this.#written.get(key);
    if (written === undefined) return request.current;
    const isBehind = compareVersions(request.resourceVersion, written.resourceVersion) === -1;
    if (isBehind && written.uid === request.uid) return written.status;
    this.#written.delete(key);
    return request.current;
  }

  async #send(
    key: string,
    { ref }: StatusRequest,
    status: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<StatusOutcome> {
    const { client, kind, fieldManager } = this.#options;
    const metadata = { name: ref.name, ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }) };
    try {
      const manifest = { apiVersion: apiVersionOf(client.resource), kind, metadata, status };
      const object = await client.applyStatus(manifest, { fieldManager, signal });
      const identity = identityOf(object);
      if (identity === undefined) throw noObject(key);
      const { uid, resourceVersion } = identity;
      this.#written.set(key, { uid, resourceVersion, status });
      return { kind: "written", resourceVersion, object };
    } catch (error) {
      if (!isKubeError(error, "NotFound")) throw error;
      this.#written.delete(key);
      return { kind: "gone" };
    }
  }

  /** As metav1.Time: whole seconds. */
  #nowIso(): string {
    return `${new Date(this.#options.timing.now()).toISOString().slice(0, 19)}Z`;
  }
}

function noObject(key: string): KubeApiError {
  const message = `the answer to writing the status of ${key} is no object`;
  return new KubeApiError({ code: "UnexpectedAnswer", httpStatus: 0, message });
}
