import type { ClientCondition } from "../domain/status/client-condition.ts";
import { clientStatus } from "../domain/status/client-status.ts";
import { commandLineWords } from "../domain/status/front-end-words.ts";
import { clientFactsOf } from "../sync/client-facts-of.ts";
import type { ClientOutcome } from "./pass-over-clients.ts";
import type { Problem } from "./problem.ts";
import { purgeProblems } from "./purge-problems.ts";
import { vmProblems } from "./vm-problems.ts";

/**
 * What went wrong or needs a person in one client's pass: the conditions that the operator would write, with the white
 * paper's words in front (8.6), and what concerns single VMs.
 */
export function passProblems({ report, warnings }: Extract<ClientOutcome, { kind: "passed" }>): readonly Problem[] {
  const { client } = report.policy;
  const facts = clientFactsOf(report, { kind: "granted", warnings });
  const { conditions } = clientStatus({ ...facts, words: commandLineWords(client) });
  const discovered = conditions.find(({ type }) => type === "Discovered");
  // A Director that cannot be asked for VMs cannot be asked for anything else either: once is enough.
  const told = conditions.filter(({ type, reason }) => type !== "Published" || reason !== discovered?.reason);
  return [
    ...told.flatMap((condition) => problemOf(condition, client)),
    ...vmProblems(report),
    ...purgeProblems(report),
    ...warnings.map((warning): Problem => ({ level: "WARN", fails: false, message: `${client}: ${warning}` })),
  ];
}

function problemOf(condition: ClientCondition, client: string): readonly Problem[] {
  const { type, status, reason, message } = condition;
  const told = (level: Problem["level"], fails: boolean, text: string): readonly Problem[] => [
    { level, fails, reason: `${type}/${reason}`, message: text },
  ];
  switch (type) {
    case "Discovered":
      if (reason === "PageLimitSuspected") return told("WARN", false, `${client}: ${message}`);
      if (status !== "False") return [];
      return NO_RESPONSE.has(reason)
        ? told("WARN", true, `no response from bconsole for ${client}: ${message}`)
        : told("ERROR", true, named(message, client));
    case "CatalogReachable":
      if (status !== "False") return [];
      return told("ERROR", true, `${CATALOG_WORDS[reason] ?? CANNOT_CONNECT} for ${client}: ${message}`);
    case "Published":
    case "RemovalAllowed":
      // The summary says so; and a file HOLD is what somebody wanted.
      if (status !== "False" || reason === "DryRun" || reason === "ReloadLeft") return [];
      return told(reason === "Hold" ? "WARN" : "ERROR", reason !== "Hold", `${client}: ${message}`);
    case "Stalled":
      // Its other reasons repeat one of the conditions above.
      return reason === "OtherFrontEnd" ? told("ERROR", true, `${client}: ${message}`) : [];
    case "DirectorConfigInvalid":
      return told("ERROR", true, `${client}: ${message}`);
    case "Ready":
    case "Reconciling":
    case "Paused":
      return [];
    default:
      return type satisfies never;
  }
}

/** The white paper says so of everything by which a `.query` brings no list (8.6). */
const NO_RESPONSE: ReadonlySet<string> = new Set(["TimedOut", "EmptyAnswer", "ClientUnreachable", "PluginError"]);
const CANNOT_CONNECT = "cannot connect to the PostgreSQL catalog";
const CATALOG_WORDS: Readonly<Record<string, string>> = {
  CatalogTimedOut: "cannot read the PostgreSQL catalog in time",
  CatalogQueryFailed: "cannot read the PostgreSQL catalog",
};

/** `bconsole not found` and the like are the white paper's words, so they stay in front. */
function named(message: string, client: string): string {
  return `${message} (${client})`;
}
