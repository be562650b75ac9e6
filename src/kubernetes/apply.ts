import type { ApiTransport } from "./http/api-transport.ts";
import { collectionPath, type ObjectRef, objectPath, type Resource } from "./http/resource.ts";

/** An object to be sent. `apiVersion` and `kind` are the caller's to fill in, as in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface WriteOptions {
  /** The owner of the fields in managedFields; the same one for ever, since another would not give up the old ones. */
  readonly fieldManager: string;
  readonly signal: AbortSignal;
}

/** What the object must still be, for a write to happen. */
export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/**
 * The calls on one resource, each with the content type that the API server wants (client-node's own default for
 * custom resources is one that they do not support). Answers are what the server sent, not yet looked at. All throw
 * `KubeApiError`.
 */
export class ResourceClient {
  readonly #transport: ApiTransport;
  readonly resource: Resource;

  constructor(transport: ApiTransport, resource: Resource) {
    this.#transport = transport;
    this.resource = resource;
  }

  get(ref: ObjectRef, signal: AbortSignal): Promise<unknown> {
    return this.#transport.request({ method: "GET", path: objectPath(this.resource, ref), signal });
  }

  create(manifest: Manifest, { fieldManager, signal }: WriteOptions): Promise<unknown> {
    const path = collectionPath(this.resource, manifest.metadata.namespace);
    return this.#transport.request({ method: "POST", path, query: { fieldManager }, body: manifest, signal });
  }

  /**
   * Server-side apply: the object gets exactly the fields of the manifest that were ours before or are now; those that
   * we no longer send go. Takes fields over from others (force). Creates what is not there.
   */
  apply(manifest: Manifest, { fieldManager, signal }: WriteOptions): Promise<unknown> {
    return this.#apply(objectPath(this.resource, manifest.metadata), manifest, fieldManager, signal);
  }

  /** The same for `status`; throws `NotFound` for an object that is not there. */
  applyStatus(manifest: Manifest, { fieldManager, signal }: WriteOptions): Promise<unknown> {
    return this.#apply(objectPath(this.resource, manifest.metadata, "status"), manifest, fieldManager, signal);
  }

  /** RFC 7386: `null` removes a field, an array replaces the whole array. */
  mergePatch(
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
    { fieldManager, signal, subresource }: WriteOptions & { readonly subresource?: "status" | undefined },
  ): Promise<unknown> {
    const path = objectPath(this.resource, ref, subresource);
    const contentType = "application/merge-patch+json";
    return this.#transport.request({
      method: "PATCH",
      path,
      query: { fieldManager },
      body: patch,
      contentType,
      signal,
    });
  }

  /** Deletes the object if it still is the one that was seen, and what it owns in the background. */
  delete(ref: ObjectRef, preconditions: Preconditions, signal: AbortSignal): Promise<unknown> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions, propagationPolicy: "Background" };
    return this.#transport.request({ method: "DELETE", path: objectPath(this.resource, ref), body, signal });
  }

  #apply(path: string, manifest: Manifest, fieldManager: string, signal: AbortSignal): Promise<unknown> {
    // JSON is YAML, and saves the server a parser.
    const contentType = "application/apply-patch+yaml";
    const query = { fieldManager, force: true };
    return this.#transport.request({ method: "PATCH", path, query, body: manifest, contentType, signal });
  }
}
