import { z } from "zod";
import type { Query } from "./pool.ts";

const Row = z.object({ name: z.string() });

/** Which of these tables the catalog's version of the schema has; names in lower case, as PostgreSQL keeps them. */
export async function presentTables(query: Query, names: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await query(
    `SELECT name FROM unnest($1::text[]) AS t(name) WHERE to_regclass(quote_ident(name)) IS NOT NULL`,
    [names],
  );
  return new Set(rows.map((row) => Row.parse(row).name));
}
