import { z } from "zod";
import { type CatalogFacts, READ_TABLES, type TableFacts } from "../domain/preflight/judge-catalog.ts";
import { type CatalogOptions, CONNECT_TIMEOUT_MS } from "./catalog.ts";
import { type CatalogTrouble, judgeCatalogError } from "./catalog-error.ts";
import { createPool, type Query, StepError } from "./pool.ts";
import { KNOWN_SCHEMA_VERSIONS } from "./schema.ts";

export type CatalogInspection =
  | { readonly kind: "inspected"; readonly facts: CatalogFacts }
  | ({ readonly kind: "failed" } & CatalogTrouble);

const session = z.object({
  tls: z.string().nullable(),
  islocal: z.boolean(),
  issuperuser: z.boolean(),
  now: z.number(),
});
const tableRow = z.object({ name: z.string(), exists: z.boolean(), mayselect: z.boolean(), maywrite: z.boolean() });
const versionRow = z.object({ version: z.int().nullable() });

/**
 * What the catalog is like and what its user may do, on one connection of its own; nothing is written. Trouble of
 * connecting and reading is a value; rejects only with the signal's reason.
 */
export async function inspectCatalog(
  options: CatalogOptions & { readonly alsoPurges: boolean },
  signal: AbortSignal,
): Promise<CatalogInspection> {
  const where = `catalog "${options.database}" at ${options.host}:${options.port} as user "${options.user}"`;
  const pool = createPool({ ...options, connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS });
  try {
    const facts = await pool.use((query) => inspect(query, where, options), signal);
    return { kind: "inspected", facts };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { kind: "failed", ...judgeCatalogError(error.cause, error.step, where) };
  } finally {
    await pool.close();
  }
}

async function inspect(
  query: Query,
  where: string,
  { tls, clock, alsoPurges }: CatalogOptions & { readonly alsoPurges: boolean },
): Promise<CatalogFacts> {
  const [row] = await query(
    `SELECT (SELECT s.version FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()) AS tls,
            coalesce(inet_server_addr() = inet_client_addr(), true) AS islocal,
            (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) AS issuperuser,
            (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
  );
  const { tls: tlsVersion, islocal, issuperuser, now } = session.parse(row);
  const tables = await readTables(query);
  const versions = tables.find(({ name }) => name === "version");
  const schemaVersion = versions?.exists === true && versions.maySelect ? await readVersion(query) : undefined;
  return {
    where,
    tls: tls.kind,
    tlsVersion: tlsVersion ?? undefined,
    isLocal: islocal,
    tables,
    schemaVersion,
    isKnownSchema: schemaVersion !== undefined && KNOWN_SCHEMA_VERSIONS.includes(schemaVersion),
    isSuperuser: issuperuser,
    clockAheadMs: now - clock.now(),
    alsoPurges,
  };
}

async function readTables(query: Query): Promise<readonly TableFacts[]> {
  const rows = await query(
    `SELECT t.name, t.oid IS NOT NULL AS exists,
            coalesce(has_table_privilege(t.oid, 'SELECT'), false) AS mayselect,
            coalesce(has_table_privilege(t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'), false) AS maywrite
       FROM (SELECT n.name, to_regclass(n.name)::oid AS oid
               FROM unnest($1::text[]) WITH ORDINALITY AS n(name, place) ORDER BY n.place) t`,
    [[...READ_TABLES]],
  );
  return z
    .array(tableRow)
    .parse(rows)
    .map(({ name, exists, mayselect, maywrite }) => ({ name, exists, maySelect: mayselect, mayWrite: maywrite }));
}

async function readVersion(query: Query): Promise<number | undefined> {
  const [row] = await query("SELECT (SELECT max(VersionId) FROM Version)::int AS version");
  return versionRow.parse(row).version ?? undefined;
}
