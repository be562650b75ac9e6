import pg from "pg";
import type { Catalog } from "../../hack/testbed/bacula/configuration.ts";
import { fileSetName, jobName } from "../../src/domain/naming/resource-names.ts";
import type { BenchClient } from "./bench-fleet.ts";

/** Runs of each VM, laid down night by night as in a real catalog, so that one job's rows are far apart. */
const NIGHTS = 10;
const VERSION_WORDS = "bench";

/** JobId of the last night's run of the VM that is the `number`th of all, counted from 1 in the order of seeding. */
export function lastJobId(number: number, total: number): number {
  return (NIGHTS - 1) * total + number;
}

/** Gives every VM of the clients its rows of ten nights: a Full, then Incrementals, all good. */
export async function seedHistory(catalog: Catalog, clients: readonly BenchClient[]): Promise<void> {
  const database = new pg.Client(catalog);
  await database.connect();
  try {
    for (const { spec, vms } of clients) {
      const clientId = await insertClient(database, spec.client);
      await database.query(
        "CREATE TEMP TABLE IF NOT EXISTS seed (n serial, job text, fileset text, clientid int, filesetid int)",
      );
      await database.query(
        "INSERT INTO seed (job, fileset, clientid) SELECT job, fileset, $3::int FROM unnest($1::text[], $2::text[]) AS t(job, fileset)",
        [vms.map(({ name }) => jobName(spec, name)), vms.map(({ name }) => fileSetName(spec, name)), clientId],
      );
    }
    await database.query(
      `INSERT INTO FileSet (FileSet, MD5, CreateTime) SELECT fileset, $1, now() - interval '30 days' FROM seed`,
      [VERSION_WORDS],
    );
    await database.query("UPDATE seed s SET filesetid = f.FileSetId FROM FileSet f WHERE f.FileSet = s.fileset");
    for (let night = NIGHTS; night >= 1; night -= 1) await insertNight(database, night);
    await database.query("ANALYZE Job");
  } finally {
    await database.end();
  }
}

async function insertClient(database: pg.Client, name: string): Promise<unknown> {
  const known = await database.query("SELECT ClientId AS id FROM Client WHERE Name = $1", [name]);
  if (known.rows.length > 0) return known.rows[0]?.id;
  const made = await database.query(
    "INSERT INTO Client (Name, Uname, AutoPrune) VALUES ($1, 'bench', 0) RETURNING ClientId AS id",
    [name],
  );
  return made.rows[0]?.id;
}

async function insertNight(database: pg.Client, nightsAgo: number): Promise<void> {
  await database.query(
    `INSERT INTO Job (Job, Name, Type, Level, ClientId, JobStatus, SchedTime, StartTime, EndTime, RealEndTime, JobTDate,
                      JobFiles, JobBytes, FileSetId)
     SELECT job || '.' || $1::text, job, 'B', CASE WHEN $1::int = ${NIGHTS} THEN 'F' ELSE 'I' END, clientid, 'T',
            night, night, night + interval '2 minutes', night + interval '2 minutes',
            extract(epoch FROM night + interval '2 minutes')::bigint, 3, 1048576, filesetid
       FROM seed, (SELECT date_trunc('day', now()) - $1::int * interval '1 day' AS night) AS t
      ORDER BY n`,
    [nightsAgo],
  );
}
