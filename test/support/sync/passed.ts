import type { PassReport } from "../../../src/sync/pass-report.ts";

/** What a pass did; throws with its outcome when it did not get so far. */
export function passed(report: PassReport | undefined) {
  if (report?.outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(report?.outcome)}`);
  return report.outcome;
}
