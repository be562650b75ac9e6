import { z } from "zod";
import type { Query } from "./pool.ts";

/** What one client's backup jobs are in the catalog: exact ClientId, Type B, names that begin with the prefix. */
export interface JobScope {
  readonly clientId: number;
  readonly jobPrefix: string;
}

/** Bytes from `from` (included) to `before` (excluded; `undefined`: to the end) are all names with the prefix. */
export interface PrefixBounds {
  readonly from: Buffer;
  readonly before: Buffer | undefined;
}

/**
 * Compared as bytes, as the operators of Bacula's index do, so no character of the prefix is a wildcard (`_` and `%` of
 * LIKE would be). The upper bound is the prefix with its last byte one higher; a byte 0xff cannot be, so it is dropped.
 */
export function prefixBounds(prefix: Uint8Array): PrefixBounds {
  const from = Buffer.from(prefix);
  let length = from.length;
  while (length > 0 && from[length - 1] === 0xff) length -= 1;
  if (length === 0) return { from, before: undefined };
  const before = Buffer.from(from.subarray(0, length));
  before[length - 1] = (before[length - 1] ?? 0) + 1;
  return { from, before };
}

/** Parameters $1 prefix, $2 ClientId, $3 upper bound (where there is one), for SQL made by `namesWithPrefix`. */
export function scopeValues({ clientId, jobPrefix }: JobScope): readonly unknown[] {
  const { from, before } = prefixBounds(Buffer.from(jobPrefix));
  return before === undefined ? [from, clientId] : [from, clientId, before];
}

/** A condition on a Name, served by Bacula's own index (name text_pattern_ops). */
export function prefixCondition(column: string, { jobPrefix }: JobScope): string {
  const hasEnd = prefixBounds(Buffer.from(jobPrefix)).before !== undefined;
  return hasEnd ? `${column} ~>=~ $1::text AND ${column} ~<~ $3::text` : `${column} ~>=~ $1::text`;
}

/**
 * A recursive query `names(n)`: every distinct Name with the prefix. It jumps from name to name in the index instead of
 * reading every run: 15 ms instead of 167 ms at 5,000 names with 10 runs each, and not slower on a table that was not
 * vacuumed. It needs the operators of text_pattern_ops: `ORDER BY Name` or `Name >` would not use that index.
 */
export function namesWithPrefix(scope: JobScope): string {
  const hasEnd = prefixBounds(Buffer.from(scope.jobPrefix)).before !== undefined;
  const end = hasEnd ? "AND j.Name ~<~ $3::text" : "";
  return `RECURSIVE jump(n) AS (
    (SELECT j.Name FROM Job j WHERE j.Name ~>=~ $1::text ${end} ORDER BY j.Name USING ~<~ LIMIT 1)
    UNION ALL
    SELECT (SELECT j.Name FROM Job j WHERE j.Name ~>~ jump.n ${end} ORDER BY j.Name USING ~<~ LIMIT 1)
      FROM jump WHERE jump.n IS NOT NULL
  ), names(n) AS (SELECT jump.n FROM jump WHERE jump.n IS NOT NULL)`;
}

const NameRow = z.object({ name: z.string() });

/** Names of all jobs of the scope that have a run of Type B in the catalog. */
export async function readJobNames(query: Query, scope: JobScope): Promise<ReadonlySet<string>> {
  const rows = await query(
    `WITH ${namesWithPrefix(scope)}
     SELECT names.n AS name FROM names
      WHERE EXISTS (SELECT 1 FROM Job e WHERE e.Name = names.n AND e.ClientId = $2::int AND e.Type = 'B')`,
    scopeValues(scope),
  );
  return new Set(rows.map((row) => NameRow.parse(row).name));
}
