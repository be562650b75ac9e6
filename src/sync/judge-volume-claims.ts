import { type ClaimVerdict, type ClientClaim, judgeClaims } from "../domain/client/claims.ts";
import { hasJobFiles } from "./has-job-files.ts";
import type { Volume } from "./ports.ts";

/**
 * Who of all that claim a client owns it (rule 6), by the claims' ids. The volume says who worked here before, and is
 * asked only where two claim the same.
 */
export async function judgeVolumeClaims(
  claims: readonly Omit<ClientClaim, "hasFiles">[],
  volume: Volume,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ClaimVerdict>> {
  const byAge = judgeClaims(claims.map((claim) => ({ ...claim, hasFiles: false })));
  if ([...byAge.values()].every(({ kind }) => kind === "granted")) return byAge;
  const files = await hasJobFiles(
    claims.map(({ identity }) => identity),
    volume,
    signal,
  );
  return judgeClaims(claims.map((claim, index) => ({ ...claim, hasFiles: files[index] === true })));
}
