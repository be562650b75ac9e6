import type { ClientCondition } from "../domain/status/client-condition.ts";
import { clientStatus } from "../domain/status/client-status.ts";
import { commandLineWords } from "../domain/status/front-end-words.ts";
import { clientFactsOf } from "./client-facts-of.ts";
import type { PassReport } from "./pass-report.ts";

/** What a pass would leave for a person's word, as the conditions that it would tell; absent: it would do it. */
export interface WhatWaits {
  /** Of VMs that are marked missing, disabled or purged (rules 2 and 5). */
  readonly removals?: ClientCondition | undefined;
  /** Of Plugin lines that follow a changed policy (spec section 3). */
  readonly pluginLines?: ClientCondition | undefined;
}

/** What would wait of the steps that a dry run foresees; nothing where it was not asked for that. */
export function whatWaits(report: PassReport): WhatWaits {
  const { outcome, policy } = report;
  if (outcome.kind !== "passed" || outcome.foreseen === undefined) return {};
  const { publishing, pluginEdits, foreseen } = outcome;
  const earnest: PassReport = {
    ...report,
    policy: { ...policy, mode: "Enforce" },
    outcome: {
      ...outcome,
      removals: foreseen.removals,
      // That it is only a dry run would be told first.
      publishing: publishing.kind === "dryRun" ? { kind: "unchanged" } : publishing,
    },
  };
  const facts = clientFactsOf(earnest, { kind: "granted", warnings: [] });
  const { conditions } = clientStatus({ ...facts, words: commandLineWords(policy.client) });
  const isNot = (wanted: ClientCondition["type"]) =>
    conditions.find(({ type, status }) => type === wanted && status === "False");
  return {
    removals: isNot("RemovalAllowed"),
    pluginLines: pluginEdits.kind === "held" ? isNot("Published") : undefined,
  };
}
