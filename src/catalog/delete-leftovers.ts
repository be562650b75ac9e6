import { z } from "zod";
import { FILE_SET_USERS, JOB_TABLES } from "../domain/purge/catalog-tables.ts";
import type { Leftovers, LeftoversEnd } from "../sync/purge/purge-ports.ts";
import type { Query } from "./pool.ts";
import { presentTables } from "./present-tables.ts";

const Count = z.object({ rows: z.int() });

/**
 * Deletes what the Director's own delete has left of these runs, in one transaction. It begins by asking, inside the
 * transaction, whether one of the runs is still in table Job: a run that waits, works, or was not deleted by the
 * Director keeps everything, and so does a JobId that is another job's by now (a catalog that was set up anew). Each
 * statement asks the same once more of every row that it takes. Table Job itself is never written.
 */
export async function deleteLeftovers(
  query: Query,
  { jobIds, objectIds, fileSetName }: Leftovers,
): Promise<LeftoversEnd> {
  const present = await presentTables(query, [
    ...JOB_TABLES.map(({ table }) => table),
    ...FILE_SET_USERS,
    "fileset",
    "tagobject",
    "object",
  ]);
  await query("BEGIN READ WRITE");
  const counted = async (text: string, values: readonly unknown[]) =>
    Count.parse((await query(`WITH gone AS (${text} RETURNING 1) SELECT count(*)::int AS rows FROM gone`, values))[0])
      .rows;
  const [left] = await query("SELECT count(*)::int AS rows FROM Job WHERE JobId = ANY($1::int[])", [jobIds]);
  if (Count.parse(left).rows > 0) {
    await query("ROLLBACK");
    return { kind: "runsLeft" };
  }
  let rows = 0;
  for (const { table, how } of JOB_TABLES) {
    if (!present.has(table)) continue;
    const theirs = `t.JobId = ANY($1::int[]) AND NOT EXISTS (SELECT 1 FROM Job j WHERE j.JobId = t.JobId)`;
    if (how === "delete") rows += await counted(`DELETE FROM ${table} t WHERE ${theirs}`, [jobIds]);
    else if (how === "unlink") rows += await counted(`UPDATE ${table} t SET JobId = 0 WHERE ${theirs}`, [jobIds]);
  }
  if (objectIds.length > 0 && present.has("tagobject") && present.has("object")) {
    const orphaned =
      "t.ObjectId = ANY($1::int[]) AND NOT EXISTS (SELECT 1 FROM Object o WHERE o.ObjectId = t.ObjectId)";
    rows += await counted(`DELETE FROM tagobject t WHERE ${orphaned}`, [objectIds]);
  }
  if (fileSetName !== undefined) {
    const unused = FILE_SET_USERS.filter((table) => present.has(table)).map(
      (table) => `NOT EXISTS (SELECT 1 FROM ${table} u WHERE u.FileSetId = t.FileSetId)`,
    );
    rows += await counted(`DELETE FROM fileset t WHERE ${["t.FileSet = $1::text", ...unused].join(" AND ")}`, [
      fileSetName,
    ]);
  }
  await query("COMMIT");
  return { kind: "deleted", rows };
}
