import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { FINAL_STATUSES, GOOD_STATUSES, type RunRow } from "./backup-facts.ts";
import { type JobScope, namesWithPrefix, prefixCondition, scopeValues } from "./job-names.ts";
import type { Query } from "./pool.ts";

/**
 * The time of a run is JobTDate, seconds UTC; EndTime and StartTime are in the Director's zone without saying which, so
 * only their difference is used.
 */
const COLUMNS = `j.Name AS name, j.JobId AS jobid, j.Level AS level, j.JobStatus AS status,
  coalesce(j.JobTDate, 0)::float8 AS ended,
  coalesce(extract(epoch FROM j.EndTime - j.StartTime), 0)::float8 AS lasted,
  coalesce(j.JobBytes, 0)::float8 AS bytes, coalesce(j.JobFiles, 0) AS files,
  coalesce((SELECT f.FileSet FROM FileSet f WHERE f.FileSetId = j.FileSetId), '') AS fileset`;

const FINAL = FINAL_STATUSES.map((letter) => `'${letter}'`).join(",");
const GOOD = GOOD_STATUSES.map((letter) => `'${letter}'`).join(",");

const Row = z.object({
  name: z.string(),
  jobid: z.int(),
  level: z.string(),
  status: z.string(),
  ended: z.number(),
  lasted: z.number(),
  bytes: z.number(),
  files: z.int(),
  fileset: z.string(),
});

/** Per name the last good run, the last finished one and all that have not ended: all that the facts need. */
export async function readAllRuns(query: Query, scope: JobScope): Promise<readonly RunRow[]> {
  const ofJob = "FROM Job j WHERE j.Name = names.n AND j.ClientId = $2::int AND j.Type = 'B'";
  const last = "ORDER BY j.JobTDate DESC, j.JobId DESC LIMIT 1";
  const rows = await query(
    `WITH ${namesWithPrefix(scope)}
     SELECT run.* FROM names CROSS JOIN LATERAL (
       (SELECT ${COLUMNS} ${ofJob} AND j.JobStatus IN (${GOOD}) AND j.JobFiles > 0 ${last})
       UNION ALL (SELECT ${COLUMNS} ${ofJob} AND j.JobStatus IN (${FINAL}) ${last})
       UNION ALL (SELECT ${COLUMNS} ${ofJob} AND j.JobStatus NOT IN (${FINAL}))
     ) run`,
    scopeValues(scope),
  );
  return readRows(rows);
}

/** Every run above a JobId, and those with the given JobIds: a range of the primary key, whatever the history is. */
export async function readRunsSince(
  query: Query,
  scope: JobScope,
  jobId: number,
  unfinished: ReadonlySet<number>,
): Promise<readonly RunRow[]> {
  const values = scopeValues(scope);
  const since = `$${values.length + 1}::int`;
  const again = `$${values.length + 2}::int[]`;
  const rows = await query(
    `SELECT ${COLUMNS} FROM Job j
      WHERE (j.JobId > ${since} OR j.JobId = ANY(${again}))
        AND j.ClientId = $2::int AND j.Type = 'B' AND ${prefixCondition("j.Name", scope)}`,
    [...values, jobId, [...unfinished]],
  );
  return readRows(rows);
}

const ROWS_PER_SLICE = 2000;

async function readRows(rows: readonly unknown[]): Promise<readonly RunRow[]> {
  const read: RunRow[] = [];
  for (const [n, row] of rows.entries()) {
    if (n % ROWS_PER_SLICE === ROWS_PER_SLICE - 1) await setImmediate();
    read.push(readRow(row));
  }
  return read;
}

function readRow(row: unknown): RunRow {
  const { name, jobid, level, status, ended, lasted, bytes, files, fileset } = Row.parse(row);
  const endTimeMs = ended * 1000;
  return {
    jobName: name,
    run: {
      jobId: jobid,
      level,
      status,
      endTimeMs,
      // A change of summer time inside a run can make the difference negative.
      startTimeMs: endTimeMs - Math.max(0, Math.round(lasted * 1000)),
      bytes,
      files,
      fileSet: fileset,
    },
  };
}
