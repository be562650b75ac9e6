import { objectKey } from "../http/resource.ts";

/** What this runtime itself reads of an object; all else is the projection's. */
export interface RawIdentity {
  /** `namespace/name`, or `name`. */
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/**
 * The identity of an object as the API server sent it; `undefined` when it has none. By hand and not by a schema: a
 * first list asks this 100,000 times.
 */
export function identityOf(raw: unknown): RawIdentity | undefined {
  const { metadata } = isRecord(raw) ? raw : {};
  const { name, namespace, uid, resourceVersion } = isRecord(metadata) ? metadata : {};
  if (typeof name !== "string" || name === "" || typeof resourceVersion !== "string") return undefined;
  return {
    key: objectKey({ namespace: typeof namespace === "string" ? namespace : undefined, name }),
    uid: typeof uid === "string" ? uid : "",
    resourceVersion,
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
