import { createHash } from "node:crypto";

/** How much of a client's fleet is lost at once. */
export interface Loss {
  readonly known: number;
  readonly missing: number;
}

export interface ShrinkLimits {
  readonly count: number;
  readonly percent: number;
}

/**
 * Rule 2: a client that loses many VMs at once has more likely lost its sight than its VMs. Held when both limits are
 * exceeded, or when 3 or more are gone and they are over half: a site of 100 may lose 20, a site of 12 may lose 6,
 * without a question. Additions are never held.
 */
export function judgeShrinking({ known, missing }: Loss, limits: ShrinkLimits): "allowed" | "held" {
  const isLarge = missing > limits.count && missing * 100 > known * limits.percent;
  const isMost = missing >= 3 && missing * 2 > known;
  return isLarge || isMost ? "held" : "allowed";
}

/**
 * `<count>-<hash of the sorted uuids>`: an approval names exactly these VMs and is not a switch; other VMs have another
 * token.
 */
export function approvalToken(uuids: readonly string[]): string {
  const sorted = [...uuids].sort((a, b) => (a < b ? -1 : 1));
  return `${uuids.length}-${createHash("sha256").update(sorted.join("\n")).digest("hex").slice(0, 8)}`;
}
