import type { PurgeOutcome } from "../pass-report.ts";

/** The purge goes on in the next pass; for the reason people are told of. */
export function waits(reason: string): Extract<PurgeOutcome, { kind: "waits" }> {
  return { kind: "waits", reason };
}
