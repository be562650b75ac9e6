/** A kind of object, as the paths of the API need it. The core group is `""`. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ObjectRef {
  /** Required for a namespaced resource, left out otherwise. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** The path of a collection; without a namespace that of all namespaces. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === "" ? "/api" : `/apis/${resource.group}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${resource.version}${scope}/${resource.plural}`;
}

/** The path of one object or of a subresource of it. Throws a TypeError when the scope does not fit the resource. */
export function objectPath(resource: Resource, ref: ObjectRef, subresource?: "status"): string {
  if (resource.namespaced !== (ref.namespace !== undefined) || ref.name === "") {
    throw new TypeError(
      `${resource.plural} "${ref.name}" needs ${resource.namespaced ? "a" : "no"} namespace and a name`,
    );
  }
  const path = `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The key of an object in stores and queues: `namespace/name`, or `name` for one without a namespace. */
export function objectKey(ref: ObjectRef): string {
  return ref.namespace === undefined || ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** The inverse of `objectKey`; neither part can hold a slash. */
export function refOfKey(key: string): ObjectRef {
  const slash = key.indexOf("/");
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
