import type { ClaimVerdict } from "../domain/client/claims.ts";
import type { ClientFacts } from "../domain/status/client-facts.ts";
import { judgeObservation } from "./decide/judge-observation.ts";
import type { PassOutcome, PassReport } from "./pass-report.ts";
import { newVmsWaiting } from "./put-off.ts";

/** What a pass found, in the words that a client's conditions are made of, for both front ends. */
export function clientFactsOf(report: PassReport, claim: ClaimVerdict, ignoredTakeOver?: string): ClientFacts {
  const { policy, observation, outcome } = report;
  const sight = judgeObservation(observation);
  const passed = outcome.kind === "passed" ? outcome : undefined;
  return {
    specProblems: [],
    claim,
    suspended: policy.suspended,
    mode: policy.mode,
    discovery: observation.discovery,
    catalog: observation.catalog,
    clockSkewed: sight.kind === "blind" && sight.because === "ClockSkew",
    contradicted: passed?.vms.flatMap(({ isContradicted, name }) => (isContradicted ? [name] : [])) ?? [],
    unknownReferences: passed?.unknownReferences ?? [],
    removals: passed === undefined || passed.removals.kind === "unconfirmed" ? { kind: "allowed" } : passed.removals,
    frontEnd: {
      client: policy.client,
      heldBy: passed?.frontEnd.kind === "held" ? passed.frontEnd.by : undefined,
      ignoredTakeOver,
    },
    ...publishingFacts(outcome),
    ...(passed?.pluginEdits.kind === "held" && { heldPluginEdits: passed.pluginEdits }),
    newVmsWaiting: newVmsWaiting(report),
    failedChanges: passed?.failedChanges ?? [],
  };
}

/** An error outside our files is the Director's condition, and the reason why nothing is published. */
function publishingFacts(outcome: PassOutcome): Pick<ClientFacts, "publishing" | "directorConfigError"> {
  if (outcome.kind === "volume") return { publishing: outcome };
  const { publishing } = outcome;
  if (publishing.kind !== "directorInvalid") return { publishing };
  const { detail } = publishing;
  return { publishing: { kind: "failed", reason: "ErrorOutsideOurFiles", detail }, directorConfigError: detail };
}

/** A client about which nothing was found: its spec or its claim stops it, or it is suspended. */
export function idleClientFacts(
  facts: Pick<ClientFacts, "specProblems" | "claim" | "suspended" | "mode">,
): ClientFacts {
  return { ...facts, clockSkewed: false, contradicted: [], unknownReferences: [], failedChanges: [] };
}
