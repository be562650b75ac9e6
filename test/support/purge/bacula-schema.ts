import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../../hack/testbed/cache-folders.ts";
import { install } from "../../../hack/testbed/install.ts";

/** The SQL that makes all tables of a real Bacula's catalog, as its package brings it. */
export async function baculaSchema(): Promise<string> {
  await install("bacula");
  const script = await readFile(
    join(cacheFolder(), "bacula/root/usr/share/bacula-director/make_postgresql_tables"),
    "utf8",
  );
  const sql = /<<END-OF-DATA\n([\s\S]*?)\nEND-OF-DATA/.exec(script)?.[1];
  if (sql === undefined) throw new Error("make_postgresql_tables has another form than expected");
  return sql;
}

const DELETED_BY_BACULA =
  "FileEvents MetaEmail MetaAttachment File FileMedia BaseFiles PathVisibility Object JobMedia Log RestoreObject TagJob".split(
    " ",
  );

/** What `delete jobid=` of Bacula 15 does in the catalog (ua_purge.c, purge_jobs_from_catalog), and no more than that. */
export function deleteLikeBacula(jobIds: readonly number[]): string {
  const these = `JobId = ANY('{${jobIds.join(",")}}'::int[])`;
  return [
    ...DELETED_BY_BACULA.map((table) => `DELETE FROM ${table} WHERE ${these}`),
    `UPDATE Snapshot SET JobId = 0 WHERE ${these}`,
    `DELETE FROM Job WHERE ${these}`,
  ].join(";");
}

/** Rows that refer to a run, a volume or a FileSet that is not there: what `dbcheck` would find, and more. */
export const ORPHANS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [...DELETED_BY_BACULA, "UnsavedFiles"].map((table) => [
      table,
      `SELECT count(*)::int AS n FROM ${table} t WHERE NOT EXISTS (SELECT 1 FROM Job j WHERE j.JobId = t.JobId)`,
    ]),
  ),
  // Log rows of JobId 0 are the Director's own words, such as those of a console that was killed.
  Log: "SELECT count(*)::int AS n FROM Log t WHERE t.JobId > 0 AND NOT EXISTS (SELECT 1 FROM Job j WHERE j.JobId = t.JobId)",
  TagObject:
    "SELECT count(*)::int AS n FROM TagObject t WHERE NOT EXISTS (SELECT 1 FROM Object o WHERE o.ObjectId = t.ObjectId)",
  Snapshot:
    "SELECT count(*)::int AS n FROM Snapshot t WHERE t.JobId > 0 AND NOT EXISTS (SELECT 1 FROM Job j WHERE j.JobId = t.JobId)",
  JobMediaWithoutVolume:
    "SELECT count(*)::int AS n FROM JobMedia t WHERE NOT EXISTS (SELECT 1 FROM Media m WHERE m.MediaId = t.MediaId)",
  FileSet:
    "SELECT count(*)::int AS n FROM FileSet f WHERE NOT EXISTS (SELECT 1 FROM Job j WHERE j.FileSetId = f.FileSetId)",
};
