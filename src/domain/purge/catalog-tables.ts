/**
 * What a purge does with rows of one table whose own JobId is a deleted run's. The catalog has no foreign keys, so what
 * belongs to a run is known by this list alone; a test holds it against the tables of a real Bacula.
 */
export interface JobTable {
  readonly table: string;
  /** `director`: only Bacula's own `delete jobid=` takes it, and nothing of ours. `unlink`: the row stays, its JobId is 0. */
  readonly how: "delete" | "unlink" | "director" | "keep";
}

/**
 * Every table with a column JobId, in the order of the deletes: what others refer to goes last. Columns that name another
 * run (BaseFiles.BaseJobId, FileEvents.SourceJobId, Job.PriorJobId) are never asked: those rows are other jobs'.
 * Of the tables that one version of the schema lacks nothing is deleted there.
 */
export const JOB_TABLES: readonly JobTable[] = [
  { table: "fileevents", how: "delete" },
  { table: "metaattachment", how: "delete" },
  { table: "metaemail", how: "delete" },
  { table: "filemedia", how: "delete" },
  { table: "basefiles", how: "delete" },
  { table: "pathvisibility", how: "delete" },
  { table: "unsavedfiles", how: "delete" },
  { table: "file", how: "delete" },
  { table: "object", how: "delete" },
  { table: "restoreobject", how: "delete" },
  { table: "jobmedia", how: "delete" },
  { table: "log", how: "delete" },
  { table: "tagjob", how: "delete" },
  // A snapshot on a client's disk outlives the run that made it: Bacula keeps its row to find it (sql: JobId=0).
  { table: "snapshot", how: "unlink" },
  { table: "job", how: "director" },
  // Statistics, which Bacula keeps beyond every purge.
  { table: "jobhisto", how: "keep" },
];

/** Tables with a column FileSetId besides `fileset`: while one of their rows has it, the FileSet's row stays. */
export const FILE_SET_USERS: readonly string[] = ["job", "jobhisto", "snapshot"];
