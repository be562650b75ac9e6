import type { ClientCondition } from "../domain/status/client-condition.ts";
import { clientStatus } from "../domain/status/client-status.ts";
import { commandLineWords } from "../domain/status/front-end-words.ts";
import { clientFactsOf } from "./client-facts-of.ts";
import type { PassReport } from "./pass-report.ts";

/**
 * Why a pass would not take the removals that a dry run foresees (rules 2 and 5), as the condition that it would tell;
 * undefined when it would take them, or was not asked.
 */
export function removalsThatWait(report: PassReport): ClientCondition | undefined {
  const { outcome, policy } = report;
  if (outcome.kind !== "passed" || outcome.foreseen === undefined) return undefined;
  const earnest: PassReport = {
    ...report,
    policy: { ...policy, mode: "Enforce" },
    outcome: { ...outcome, removals: outcome.foreseen.removals },
  };
  const facts = clientFactsOf(earnest, { kind: "granted", warnings: [] });
  const { conditions } = clientStatus({ ...facts, words: commandLineWords(policy.client) });
  return conditions.find(({ type, status }) => type === "RemovalAllowed" && status === "False");
}
