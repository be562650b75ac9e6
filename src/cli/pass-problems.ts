import { vmHeader } from "../domain/jobfile/vm-header.ts";
import type { ClientCondition } from "../domain/status/client-condition.ts";
import { clientStatus } from "../domain/status/client-status.ts";
import { commandLineWords } from "../domain/status/front-end-words.ts";
import { someNames } from "../domain/status/some-names.ts";
import { clientFactsOf } from "../sync/client-facts-of.ts";
import type { PassReport, VmReport } from "../sync/pass-report.ts";
import type { ClientOutcome } from "./sync-clients.ts";

/** One line for a person: what is wrong, why, and what to do. */
export interface Problem {
  readonly level: "ERROR" | "WARN";
  /** Whether the run is no success because of it. */
  readonly fails: boolean;
  /** The condition and reason of docs/conditions.md, where it is one of them. */
  readonly reason?: string | undefined;
  readonly message: string;
}

/**
 * What went wrong or needs a person in one client's pass: the conditions that the operator would write, with the white
 * paper's words in front (8.6), and what concerns single VMs.
 */
export function passProblems({ report, warnings }: Extract<ClientOutcome, { kind: "passed" }>): readonly Problem[] {
  const { client } = report.policy;
  const facts = clientFactsOf(report, { kind: "granted", warnings });
  const { conditions } = clientStatus({ ...facts, words: commandLineWords(client) });
  return [
    ...conditions.flatMap((condition) => problemOf(condition, client)),
    ...vmProblems(report, client),
    ...warnings.map((warning): Problem => ({ level: "WARN", fails: false, message: `${client}: ${warning}` })),
  ];
}

/** What somebody wanted, and so no failure. */
const AS_WANTED: ReadonlySet<string> = new Set(["DryRun", "Hold", "ReloadLeft"]);

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
      if (status !== "False" || reason === "DryRun") return [];
      return AS_WANTED.has(reason)
        ? told("WARN", false, `${client}: ${message}`)
        : told("ERROR", true, `${client}: ${message}`);
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

function vmProblems({ outcome, policy }: PassReport, client: string): readonly Problem[] {
  if (outcome.kind !== "passed") return [];
  const problems: Problem[] = [];
  const names = (vms: readonly VmReport[]) => someNames(vms.map(({ name }) => vmHeader(name)));
  const tell = (
    level: Problem["level"],
    fails: boolean,
    isOf: (vm: VmReport) => boolean,
    words: (of: string) => string,
  ) => {
    const vms = outcome.vms.filter(isOf);
    if (vms.length > 0) problems.push({ level, fails, message: words(`${names(vms)} (${vms.length} of ${client})`) });
  };
  const isHealed = ({ decision }: VmReport) => decision.kind === "create" && decision.knownToCatalog;
  const healed = policy.mode === "DryRun" ? "Their files would be" : "Their files are";
  tell(
    "WARN",
    false,
    isHealed,
    (of) => `known to catalog but job file missing: ${of}. ${healed} written again; see who deleted them`,
  );
  tell(
    "WARN",
    true,
    ({ decision }) => decision.kind === "leaveMissingFile",
    (of) =>
      `known to catalog but job file missing: ${of}. HEAL_MISSING_FILES is 0, so they are left and have no backup; see who deleted the files`,
  );
  for (const { name, publishing } of outcome.vms) {
    if (publishing.kind !== "rejected") continue;
    const inForce = publishing.lastGoodPublished ? "the last good files are in force" : "it has no job";
    problems.push({
      level: "ERROR",
      fails: true,
      message: `${client}: the files of ${vmHeader(name)} are refused, and ${inForce}: ${publishing.reason}`,
    });
  }
  tell(
    "WARN",
    false,
    ({ jobDefs }) => jobDefs.refused !== undefined,
    (of) =>
      `the JobDefs that was asked for is refused, and another one is in force: ${of}. It must exist, be of type Backup and fit ALLOWED_JOBDEFS`,
  );
  tell(
    "WARN",
    false,
    ({ schedule }) => schedule?.kind === "notScheduled",
    (of) => `the Director does not run these jobs by itself: ${of}. See show disabled, and the Schedule of their jobs`,
  );
  tell(
    "ERROR",
    true,
    ({ firstBackup }) => firstBackup?.kind === "failed",
    (of) => `the Director did not take the first backup: ${of}. The next sync tries again`,
  );
  return problems;
}
