import { createHash } from "node:crypto";

const MAX_LENGTH = 253;

/**
 * The name of a ManagedVM: the Job's name as a DNS subdomain (lower case; letters, digits, `-` and `.`), with 8 digits
 * of its SHA-256 behind it when that changed it, so that two Jobs never share one (spec section 7).
 */
export function managedVmName(jobName: string): string {
  const plain = jobName
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, "-")
    .split(".")
    .map((label) => label.replace(/^-+|-+$/g, ""))
    .filter((label) => label !== "")
    .join(".");
  if (plain === jobName && plain !== "" && plain.length <= MAX_LENGTH) return plain;
  const hash = createHash("sha256").update(jobName).digest("hex").slice(0, 8);
  const start = plain.slice(0, MAX_LENGTH - hash.length - 1).replace(/[.-]+$/, "");
  return start === "" ? `vm-${hash}` : `${start}-${hash}`;
}
