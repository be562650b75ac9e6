/**
 * Which of two versions of a resource is of the later time: 1 when `a`, -1 when `b`, 0 when they are the same.
 * Versions are decimal numbers that only grow (Kubernetes promises so since 1.35, and etcd always did); of anything
 * else nothing is known, which is `undefined`.
 */
export function compareVersions(a: string, b: string): -1 | 0 | 1 | undefined {
  if (a === b) return 0;
  if (!isDecimal(a) || !isDecimal(b)) return undefined;
  if (a.length !== b.length) return a.length > b.length ? 1 : -1;
  return a > b ? 1 : -1;
}

function isDecimal(version: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(version);
}
