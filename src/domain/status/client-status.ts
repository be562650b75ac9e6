import type { ClaimedName } from "../client/claims.ts";
import { type ClientCondition, clientCondition } from "./client-condition.ts";
import type { ClientFacts } from "./client-facts.ts";
import { discovered } from "./discovered.ts";
import { otherFrontEnd, takeOverNote } from "./other-front-end.ts";
import { published } from "./published.ts";
import type { ClientReason } from "./reasons.ts";
import { MOST_NAMES, removalAllowed } from "./removal-allowed.ts";
import { sentence } from "./sentence.ts";

/** The part of an OpenStackClient's status that facts decide. */
export interface ClientStatus {
  readonly conditions: readonly ClientCondition[];
  /** What waits for approval; only while removals are held. */
  readonly removal?: { readonly token: string; readonly names: readonly string[] } | undefined;
}

/**
 * What an OpenStackClient shows (spec section 7). Pure. Ready sums up the others and does not depend on the phases of
 * its VMs; trouble of the whole client stands here and on none of them. What a person must mend is Stalled, what is
 * tried again by itself is Reconciling.
 */
export function clientStatus(facts: ClientFacts): ClientStatus {
  const stop = stopOf(facts);
  if (stop !== undefined) return { conditions: stopped(stop) };
  if (facts.suspended) return { conditions: suspended() };

  const parts = [discovered(facts), catalogReachable(facts), published(facts), removalAllowed(facts)];
  const conditions = [ready(facts, parts), ...parts, ...progress(facts, parts)];
  if (facts.directorConfigError !== undefined) conditions.push(directorConfigInvalid(facts.directorConfigError));
  const { removals } = facts;
  if (removals?.kind !== "held") return { conditions };
  return { conditions, removal: { token: removals.token, names: removals.names.slice(0, MOST_NAMES) } };
}

interface Stop {
  readonly reason: ClientReason;
  readonly message: string;
}

const TAKEN = {
  client: "ClientTaken",
  jobPrefix: "JobPrefixTaken",
  folder: "FolderTaken",
} as const satisfies Record<ClaimedName, ClientReason>;

/** What keeps this client from doing anything at all until a person has changed something. */
function stopOf({ specProblems, claim }: ClientFacts): Stop | undefined {
  if (specProblems.length > 0) return { reason: "InvalidSpec", message: sentence(specProblems.join("; ")) };
  if (claim.kind === "refused") return { reason: TAKEN[claim.claimed], message: sentence(claim.reason) };
  return undefined;
}

function stopped({ reason, message }: Stop): readonly ClientCondition[] {
  const notAsked = "Nothing is done for this client until Stalled is mended.";
  return [
    clientCondition("Ready", "False", reason, message),
    clientCondition("Stalled", "True", reason, message),
    clientCondition("Discovered", "Unknown", reason, notAsked),
    clientCondition("CatalogReachable", "Unknown", reason, notAsked),
    clientCondition("RemovalAllowed", "False", reason, notAsked),
    clientCondition("Published", "Unknown", reason, notAsked),
  ];
}

/** As wanted, so Ready: the published jobs go on. */
function suspended(): readonly ClientCondition[] {
  const message = "spec.suspend is true: nothing is asked or changed. Published jobs go on; new VMs are not protected.";
  return [
    clientCondition("Ready", "True", "Suspended", message),
    clientCondition("Paused", "True", "Suspended", message),
    clientCondition("Discovered", "Unknown", "Suspended", "Not asked while suspended."),
    clientCondition("CatalogReachable", "Unknown", "Suspended", "Not asked while suspended."),
    clientCondition("RemovalAllowed", "False", "Suspended", "Absence does not count while suspended."),
    clientCondition("Published", "Unknown", "Suspended", "Files stay as they are and published."),
  ];
}

/** The first trouble in the order in which a pass goes; a hold counts; the kill switch, a dry run and a reload that is left are as wanted. */
function ready(facts: ClientFacts, parts: readonly ClientCondition[]): ClientCondition {
  const trouble = parts.find((part) => part.status === "False" && !isAsWanted(part));
  if (trouble !== undefined) return clientCondition("Ready", "False", trouble.reason, trouble.message);
  const held = otherFrontEnd(facts);
  if (held !== undefined) return clientCondition("Ready", "False", "OtherFrontEnd", held);
  const unknown = parts.find((part) => part.status === "Unknown");
  if (unknown !== undefined) return clientCondition("Ready", "Unknown", "Progressing", "The first pass is on its way.");
  if (facts.mode === "DryRun") {
    const message = `Nothing is written; status.plan shows what would be done.${takeOverNote(facts)}`;
    return clientCondition("Ready", "True", "DryRun", message);
  }
  const warnings = facts.claim.kind === "granted" ? facts.claim.warnings.map((warning) => ` Note: ${warning}.`) : [];
  const message = `VMs are discovered and the Director has their jobs.${warnings.join("")}${takeOverNote(facts)}`;
  return clientCondition("Ready", "True", "Succeeded", message);
}

function isAsWanted({ reason }: ClientCondition): boolean {
  return reason === "DryRun" || reason === "Hold" || reason === "ReloadLeft";
}

const NEEDS_A_PERSON: ReadonlySet<ClientReason> = new Set([
  "UnknownReference",
  "ClientUnknown",
  "WrongVolume",
  "TooManyMissing",
  "TooManyDisabled",
  "PolicyOutage",
  "PluginChangeHeld",
]);

function progress(facts: ClientFacts, parts: readonly ClientCondition[]): readonly ClientCondition[] {
  // Other trouble has a condition of its own; this has none but Stalled.
  const held = otherFrontEnd(facts);
  if (held !== undefined) return [clientCondition("Stalled", "True", "OtherFrontEnd", held)];
  const troubles = parts.filter((part) => part.status === "False" && !isAsWanted(part));
  const stuck = troubles.find(({ reason }) => NEEDS_A_PERSON.has(reason));
  if (stuck !== undefined) return [clientCondition("Stalled", "True", stuck.reason, stuck.message)];
  const [retried] = troubles;
  if (retried !== undefined) {
    const message = `${retried.type} is ${retried.status}, ${retried.reason}; it is tried again.`;
    return [clientCondition("Reconciling", "True", "ProgressingWithRetry", message)];
  }
  const isFirst = facts.discovery === undefined || facts.catalog === undefined || facts.publishing === undefined;
  if (!isFirst) return [];
  return [clientCondition("Reconciling", "True", "Progressing", "The first pass is on its way.")];
}

const CATALOG = {
  Unreachable: ["CatalogUnreachable", "Check DB_HOST and DB_PORT, and that PostgreSQL runs."],
  NotAuthorized: ["CatalogNotAuthorized", "Check DB_USER, its password and its rights to read the catalog."],
  WrongSchema: ["CatalogWrongSchema", "Check DB_NAME: it must be a Bacula catalog."],
  TimedOut: ["CatalogTimedOut", "Check the load of PostgreSQL."],
  QueryFailed: ["CatalogQueryFailed", "See the log of PostgreSQL."],
} as const;

function catalogReachable({ catalog }: ClientFacts): ClientCondition {
  if (catalog === undefined) return clientCondition("CatalogReachable", "Unknown", "Progressing", "Not asked yet.");
  if (catalog.kind === "read") {
    return clientCondition("CatalogReachable", "True", "CatalogRead", "The catalog is read.");
  }
  const [reason, advice] = CATALOG[catalog.reason];
  return clientCondition("CatalogReachable", "False", reason, `${sentence(catalog.detail)} ${advice}`);
}

function directorConfigInvalid(detail: string): ClientCondition {
  const message = `The Director refuses its configuration, and not because of our files. It says: ${sentence(detail)} Mend it there; the last good files are in force.`;
  return clientCondition("DirectorConfigInvalid", "True", "ErrorOutsideOurFiles", message);
}
