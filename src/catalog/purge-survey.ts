import { z } from "zod";
import type { PurgeSurvey, SurveyedVolume } from "../domain/purge/judge-purge.ts";
import type { VolumeNow } from "../domain/purge/purge-volume.ts";
import { FINAL_STATUSES } from "./backup-facts.ts";
import type { Query } from "./pool.ts";
import { presentTables } from "./present-tables.ts";

const finalStatuses: ReadonlySet<string> = new Set(FINAL_STATUSES);

const Run = z.object({ jobid: z.int(), type: z.string(), status: z.string() });
const Id = z.object({ id: z.int() });
const VolumeRow = z.object({
  mediaid: z.int(),
  name: z.string(),
  mediatype: z.string(),
  storage: z.string(),
  pool: z.string(),
  status: z.string(),
  protected: z.boolean(),
});

/** Column Protected came with Bacula 15; a row without it is not protected. */
const IS_PROTECTED = "coalesce((to_jsonb(m) ->> 'protected')::int, 0) <> 0";

/**
 * Everything under one exact job name of one exact Client: its runs of every type, who depends on them, where they are.
 * No pattern is involved, so no other job's row can be among them.
 */
export async function surveyJob(query: Query, client: string, jobName: string): Promise<PurgeSurvey> {
  const runs = await query(
    `SELECT j.JobId AS jobid, j.Type AS type, j.JobStatus AS status FROM Job j
      WHERE j.Name = $1::text AND j.ClientId = (SELECT c.ClientId FROM Client c WHERE c.Name = $2::text)
      ORDER BY j.JobId`,
    [jobName, client],
  );
  const read = runs.map((row) => Run.parse(row));
  const ids = read.map(({ jobid }) => jobid);
  if (ids.length === 0) return { runs: [], copiedBy: [], baseOf: [], volumes: [], objectIds: [] };
  const present = await presentTables(query, ["basefiles", "object"]);
  const copiedBy = await query(
    `SELECT j.JobId AS id FROM Job j WHERE j.PriorJobId = ANY($1::int[]) AND NOT j.JobId = ANY($1::int[]) ORDER BY 1`,
    [ids],
  );
  const baseOf = present.has("basefiles")
    ? await query(
        `SELECT DISTINCT b.JobId AS id FROM BaseFiles b
          WHERE b.BaseJobId = ANY($1::int[]) AND NOT b.JobId = ANY($1::int[]) ORDER BY 1`,
        [ids],
      )
    : [];
  const objects = present.has("object")
    ? await query(`SELECT o.ObjectId::int AS id FROM Object o WHERE o.JobId = ANY($1::int[]) ORDER BY 1`, [ids])
    : [];
  return {
    runs: read.map(({ jobid, type, status }) => ({ jobId: jobid, type, isFinished: finalStatuses.has(status) })),
    copiedBy: copiedBy.map(readId),
    baseOf: baseOf.map(readId),
    volumes: await readVolumesOf(query, ids),
    objectIds: objects.map(readId),
  };
}

async function readVolumesOf(query: Query, jobIds: readonly number[]): Promise<readonly SurveyedVolume[]> {
  const rows = await query(
    `SELECT m.MediaId AS mediaid, m.VolumeName AS name, coalesce(m.MediaType, '') AS mediatype,
            coalesce((SELECT s.Name FROM Storage s WHERE s.StorageId = m.StorageId), '') AS storage,
            coalesce((SELECT p.Name FROM Pool p WHERE p.PoolId = m.PoolId), '') AS pool,
            m.VolStatus AS status, ${IS_PROTECTED} AS protected
       FROM Media m
      WHERE m.MediaId IN (SELECT jm.MediaId FROM JobMedia jm WHERE jm.JobId = ANY($1::int[])) ORDER BY m.MediaId`,
    [jobIds],
  );
  return rows.map((row) => {
    const { mediaid, mediatype, protected: isProtected, ...names } = VolumeRow.parse(row);
    return { mediaId: mediaid, mediaType: mediatype, isProtected, ...names };
  });
}

const NowRow = z.object({
  mediaid: z.int(),
  status: z.string(),
  protected: z.boolean(),
  parts: z.int(),
});

/** How volumes are now, in the order of their ids as given. `parts` counts the parts of whosesoever backups. */
export async function readVolumes(query: Query, mediaIds: readonly number[]): Promise<readonly VolumeNow[]> {
  if (mediaIds.length === 0) return [];
  const rows = await query(
    `SELECT m.MediaId AS mediaid, m.VolStatus AS status, ${IS_PROTECTED} AS protected,
            (SELECT count(*) FROM JobMedia jm WHERE jm.MediaId = m.MediaId)::int AS parts
       FROM Media m WHERE m.MediaId = ANY($1::int[])`,
    [mediaIds],
  );
  const there = new Map(
    rows.map((row): [number, VolumeNow] => {
      const { mediaid, status, parts, protected: isProtected } = NowRow.parse(row);
      return [mediaid, { kind: "there", status, parts, isProtected }];
    }),
  );
  return mediaIds.map((id) => there.get(id) ?? { kind: "gone" });
}

function readId(row: unknown): number {
  return Id.parse(row).id;
}
