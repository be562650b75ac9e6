import { type Check, fail, ok, warn } from "./check.ts";

/** The four tables of Bacula that a sync reads. */
export const READ_TABLES = ["version", "client", "job", "fileset"] as const;

/** What the catalog says of itself and of the user who asks. */
export interface CatalogFacts {
  readonly where: string;
  /** Undefined: the connection is not encrypted. */
  readonly tlsVersion?: string | undefined;
  /** Whether encryption was asked for (DB_TLS), and whether the certificate was checked. */
  readonly tls: "off" | "verified" | "unverified";
  /** Whether the server is reached without a network. */
  readonly isLocal: boolean;
  readonly tables: readonly TableFacts[];
  /** Undefined: table Version is missing, empty or may not be read. */
  readonly schemaVersion?: number | undefined;
  readonly isKnownSchema: boolean;
  readonly isSuperuser: boolean;
  /** The catalog's clock less ours. */
  readonly clockAheadMs: number;
  /** The user also deletes rows: purges are wanted and no other user is set for them. */
  readonly alsoPurges: boolean;
}

export interface TableFacts {
  readonly name: string;
  readonly exists: boolean;
  readonly maySelect: boolean;
  /** INSERT, UPDATE, DELETE or TRUNCATE. */
  readonly mayWrite: boolean;
}

/** Rule 3: beyond that every pass is blind. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** White paper 8.1: connection, TLS and tables; and the schema's version, the user's rights (those needed, no more), the clock. */
export function judgeCatalog(facts: CatalogFacts): readonly Check[] {
  const missing = facts.tables.filter(({ exists }) => !exists).map(({ name }) => name);
  return [
    ok(`connected to ${facts.where}`),
    judgeTls(facts),
    ...(missing.length > 0 ? [missingTables(facts, missing)] : [tablesThere(facts), judgeSchema(facts)]),
    ...judgeRights(facts),
    judgeClock(facts),
  ];
}

function judgeTls({ tls, tlsVersion, isLocal }: CatalogFacts): Check {
  if (tls === "verified" && tlsVersion !== undefined) return ok(`TLS: ${tlsVersion}, the certificate is verified`);
  if (tls === "unverified") {
    return warn(
      `TLS: ${tlsVersion ?? "none"}, the certificate is not verified`,
      "DB_TLS=unverified takes any server for the catalog",
      "set DB_TLS=1 and DB_TLS_CA",
    );
  }
  if (isLocal) return ok("TLS: none, the server is on this machine");
  return warn(
    "TLS: none, over the network",
    "DB_TLS=0 sends names and the answers of the catalog in the clear",
    "set DB_TLS=1, and DB_TLS_CA where the server's CA is not the system's",
  );
}

function missingTables({ where }: CatalogFacts, missing: readonly string[]): Check {
  return fail(
    `tables of Bacula are missing: ${missing.join(", ")}`,
    `${where} is not Bacula's catalog, or the tables are in a schema that is not on the user's search_path`,
    "correct DB_NAME, or the search_path of DB_USER",
  );
}

function tablesThere({ tables }: CatalogFacts): Check {
  return ok(`the ${tables.length} tables that are read are there: ${tables.map(({ name }) => name).join(", ")}`);
}

function judgeSchema({ schemaVersion, isKnownSchema }: CatalogFacts): Check {
  if (isKnownSchema && schemaVersion !== undefined) return ok(`schema version ${schemaVersion}`);
  return fail(
    `schema version ${schemaVersion ?? "unknown"}`,
    schemaVersion === undefined ? "table Version could not be read or is empty" : "this release does not know it",
    schemaVersion === undefined ? "let DB_USER read table Version" : "use a release of this program that knows it",
  );
}

function judgeRights(facts: CatalogFacts): readonly Check[] {
  const there = facts.tables.filter(({ exists }) => exists);
  const unread = there.filter(({ maySelect }) => !maySelect).map(({ name }) => name);
  if (unread.length > 0) {
    return [
      fail(
        `DB_USER may not read ${unread.join(", ")}`,
        "it has no right SELECT on them",
        `as the owner of the catalog: GRANT SELECT ON ${unread.join(", ")} TO the user`,
      ),
    ];
  }
  if (facts.isSuperuser) {
    return [
      warn(
        "DB_USER is a superuser of PostgreSQL",
        "a sync needs to read four tables",
        `set DB_USER to a user with nothing but SELECT ON ${READ_TABLES.join(", ")}`,
      ),
    ];
  }
  const written = there.filter(({ mayWrite }) => mayWrite).map(({ name }) => name);
  if (written.length > 0 && !facts.alsoPurges) {
    return [
      warn(
        `DB_USER may change ${written.join(", ")}`,
        "a sync only reads; the right to change is needed for purges alone",
        `set DB_USER to a user with nothing but SELECT ON ${READ_TABLES.join(", ")}; for purges set PURGE_DB_USER`,
      ),
    ];
  }
  return there.length === facts.tables.length ? [ok("DB_USER has the rights that are needed, and no more")] : [];
}

function judgeClock({ clockAheadMs }: CatalogFacts): Check {
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  if (Math.abs(clockAheadMs) <= MAX_CLOCK_SKEW_MS) return ok(`the catalog's clock and ours are ${seconds} s apart`);
  return fail(
    `the catalog's clock is ${seconds} s ${clockAheadMs > 0 ? "ahead of" : "behind"} ours`,
    "over 5 minutes apart no absence can be timed: every pass changes nothing",
    "synchronise the clocks of both machines",
  );
}
