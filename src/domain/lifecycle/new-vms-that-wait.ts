/**
 * Rule 8: a tenant who makes VMs without end must not keep one pass busy for ever, so a pass protects at most `most` new
 * VMs of a client and the others wait for the next one. The lowest uuids go first: of several new VMs with one name the
 * lowest keeps the plain slug (spec section 3, "Names"), in however many passes they come, and the same answer always
 * gives the same choice.
 */
export function newVmsThatWait(uuids: readonly string[], most: number): ReadonlySet<string> {
  if (uuids.length <= most) return new Set();
  const sorted = [...uuids].sort((a, b) => (a < b ? -1 : 1));
  return new Set(sorted.slice(Math.max(0, most)));
}
