import type { PassReport } from "../../sync/pass-report.ts";

/** The approval of the annotation `approve-removal`, which is left on the object and good once (rule 2). */
export function unusedApproval(approval: string | undefined, lastUsed: unknown): string | undefined {
  return approval === lastUsed ? undefined : approval;
}

/** The approval that a pass took up: of removals, of tags, or of changed Plugin lines. */
export function approvalUsedBy({ outcome }: Pick<PassReport, "outcome">): string | undefined {
  if (outcome.kind !== "passed") return undefined;
  const verdicts = [outcome.removals, outcome.pluginEdits];
  return verdicts.flatMap((verdict) => (verdict.kind === "allowed" ? (verdict.approvedBy ?? []) : []))[0];
}
