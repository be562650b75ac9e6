/** The tables we read, as Bacula 15 makes them (make_postgresql_tables), with the index that the loose scan needs. */
export const BACULA_TABLES = `
CREATE TABLE Version (VersionId integer NOT NULL);
INSERT INTO Version (VersionId) VALUES (1026);
CREATE TABLE Client (
  ClientId serial NOT NULL, Name text NOT NULL, Uname text NOT NULL DEFAULT '', AutoPrune smallint DEFAULT 0,
  FileRetention bigint DEFAULT 0, JobRetention bigint DEFAULT 0, primary key (ClientId));
CREATE UNIQUE INDEX client_name_idx ON Client (Name text_pattern_ops);
CREATE TABLE FileSet (
  FileSetId serial NOT NULL, FileSet text NOT NULL, MD5 text NOT NULL DEFAULT '',
  CreateTime timestamp without time zone NOT NULL DEFAULT now(), Content text DEFAULT '', primary key (FileSetId));
CREATE TABLE Job (
  JobId serial NOT NULL, Job text NOT NULL DEFAULT '', Name text NOT NULL, Type char(1) NOT NULL, Level char(1) NOT NULL,
  ClientId integer DEFAULT 0, JobStatus char(1) NOT NULL, SchedTime timestamp without time zone,
  StartTime timestamp without time zone, EndTime timestamp without time zone, RealEndTime timestamp without time zone,
  JobTDate bigint DEFAULT 0, JobFiles integer DEFAULT 0, JobBytes bigint DEFAULT 0, FileSetId integer DEFAULT 0,
  PriorJobId integer DEFAULT 0, primary key (JobId));
CREATE INDEX job_name_idx ON Job (Name text_pattern_ops);
`;

/** Values of one run; every other column has its default. */
export interface RunValues {
  readonly name: string | Buffer;
  readonly client?: string;
  readonly type?: string;
  readonly status?: string;
  readonly files?: number;
  readonly endedAt?: number;
  readonly lastedSeconds?: number;
  readonly fileSet?: string;
}

/** INSERT of one run for `sql`, making its Client and FileSet where needed. */
export function insertRun(values: RunValues): { readonly text: string; readonly values: readonly unknown[] } {
  const { name, client = "fd-1", type = "B", status = "T", files = 1, endedAt = 1_700_000_000 } = values;
  const { lastedSeconds = 60, fileSet = "fs-1" } = values;
  return {
    text: `WITH c AS (INSERT INTO Client (Name) VALUES ($2) ON CONFLICT (Name) DO UPDATE SET Name = excluded.Name RETURNING ClientId),
                f AS (INSERT INTO FileSet (FileSet) VALUES ($8) RETURNING FileSetId)
           INSERT INTO Job (Name, ClientId, Type, JobStatus, JobFiles, JobTDate, StartTime, EndTime, Level, JobBytes, FileSetId)
           SELECT $1::text, c.ClientId, $3, $4, $5, $6::bigint, '2023-11-14 20:00:00'::timestamp,
                  '2023-11-14 20:00:00'::timestamp + make_interval(secs => $7::float8), 'F', 76, f.FileSetId FROM c, f
           RETURNING JobId AS jobid`,
    values: [name, client, type, status, files, endedAt, lastedSeconds, fileSet],
  };
}
