import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPurgeCatalog } from "../../../src/catalog/purge-catalog.ts";
import { FILE_SET_USERS, JOB_TABLES } from "../../../src/domain/purge/catalog-tables.ts";
import { judgeSurvey, type PurgeSurvey } from "../../../src/domain/purge/judge-purge.ts";
import type { PurgeAnswer } from "../../../src/sync/purge/purge-ports.ts";
import { baculaSchema, deleteLikeBacula, ORPHANS } from "../../support/purge/bacula-schema.ts";
import { fillCatalog, RUNS_PER_VM } from "../../support/purge/filled-catalog.ts";
import { type PostgresCluster, startPostgres } from "./postgres-cluster.ts";

let cluster: PostgresCluster;
let schema: string;
const open: { close(): Promise<void> }[] = [];
const signal = new AbortController().signal;
const client = { datacenter: "a", openstack: "os1", client: "fd-1", jobPrefix: "backup-a_1-" };

beforeAll(async () => {
  [cluster, schema] = await Promise.all([startPostgres(), baculaSchema()]);
}, 120_000);
afterAll(async () => {
  await cluster.remove();
});
beforeEach(async () => {
  await cluster.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public");
  await cluster.sql(schema);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((catalog) => catalog.close()));
});

function purgeCatalog(change: { user?: string; password?: string } = {}) {
  const { host, port, database, user, password } = { ...cluster, ...change };
  const login = { host, port, database, user, password };
  const catalog = createPurgeCatalog({ ...login, tls: { kind: "off" }, statementTimeoutMs: 30_000 });
  open.push(catalog);
  return catalog;
}

function answered<T>(answer: PurgeAnswer<T>): T {
  if (answer.kind === "answered") return answer.value;
  throw new Error(`${answer.reason}: ${answer.detail}`);
}

async function countOf(sql: string): Promise<number> {
  const [row] = await cluster.sql(sql);
  return Number(row?.["n"]);
}

/** Every table with how many rows it has and what is in them; only rows of which `isKept` is true are counted. */
async function contents(isKept: (table: string) => string): Promise<Record<string, unknown>> {
  const tables = await cluster.sql("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
  const all: Record<string, unknown> = {};
  for (const table of tables.map(({ t }) => String(t))) {
    const [row] = await cluster.sql(
      `SELECT count(*)::int AS n, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS h
         FROM ${table} t WHERE ${isKept(table)}`,
    );
    all[table] = row;
  }
  return all;
}

/** Purges one job like a purge does: survey, Bacula's own delete, then what it left. */
async function purge(name: string, fileSetName: string, catalog = purgeCatalog()): Promise<PurgeSurvey> {
  const survey = answered(await catalog.survey(client, name, signal));
  const jobIds = survey.runs.map(({ jobId }) => jobId);
  await cluster.sql(deleteLikeBacula(jobIds));
  const leftovers = { jobIds, objectIds: survey.objectIds, fileSetName };
  expect(answered(await catalog.deleteLeftovers(leftovers, signal))).toMatchObject({ kind: "deleted" });
  return survey;
}

describe("the fixed list of tables", () => {
  it("has every table of the real schema with a JobId, and every user of a FileSetId", async () => {
    const withColumn = async (column: string) => {
      const rows = await cluster.sql(
        `SELECT c.table_name AS t FROM information_schema.columns c
          WHERE c.table_schema = 'public' AND c.column_name = '${column}' ORDER BY 1`,
      );
      return rows.map(({ t }) => String(t)).sort();
    };
    expect(JOB_TABLES.map(({ table }) => table).sort()).toEqual(await withColumn("jobid"));
    expect([...FILE_SET_USERS, "fileset"].sort()).toEqual(await withColumn("filesetid"));
    // Rows of another job: none of these columns may ever choose a row.
    expect(await withColumn("basejobid")).toEqual(["basefiles"]);
    expect(await withColumn("sourcejobid")).toEqual(["fileevents"]);
    expect(await withColumn("priorjobid")).toEqual(["job", "jobhisto"]);
  });
});

describe("a purge of 200 VMs that share volumes with 200 others", { timeout: 120_000 }, () => {
  const VMS = 200;

  it("leaves exactly the rows of the others in every table, and no orphan", async () => {
    await cluster.sql(fillCatalog(VMS));
    const others = "t.JobId % 2 = 0";
    const byTable: Record<string, string> = {
      tagobject: "t.ObjectId % 2 = 0",
      fileset: `t.FileSetId > ${VMS}`,
      // Rows of snapshots stay; those of the purged are compared below.
      snapshot: others,
    };
    for (const { table, how } of JOB_TABLES) if (how !== "keep") byTable[table] ??= others;
    const before = await contents((table) => byTable[table] ?? "true");
    expect(before["file"]).toMatchObject({ n: VMS * RUNS_PER_VM });

    const catalog = purgeCatalog();
    for (let n = 1; n <= VMS; n++) {
      const survey = await purge(`backup-a_1-vm${n}`, `fs-a-vm${n}`, catalog);
      expect(survey.runs).toHaveLength(RUNS_PER_VM);
    }
    expect(await contents((table) => (table === "snapshot" ? `${others} AND t.JobId > 0` : "true"))).toEqual(before);
    expect(await countOf("SELECT count(*)::int AS n FROM Snapshot WHERE JobId = 0")).toBe(VMS * RUNS_PER_VM);
    const orphans: Record<string, number> = {};
    for (const [what, sql] of Object.entries(ORPHANS)) orphans[what] = await countOf(sql);
    expect(orphans).toEqual(Object.fromEntries(Object.keys(ORPHANS).map((what) => [what, 0])));
  });

  it("tells which volumes are empty then, and which others still have something on", async () => {
    await cluster.sql(fillCatalog(VMS));
    const catalog = purgeCatalog();
    for (let n = 1; n <= VMS; n++) await purge(`backup-a_1-vm${n}`, `fs-a-vm${n}`, catalog);
    const now = answered(await catalog.volumes([1, 5, 6, 7, 999], signal));
    const perVolume = (VMS * RUNS_PER_VM) / 5;
    expect(now).toEqual([
      { kind: "there", status: "Full", parts: perVolume, isProtected: false },
      { kind: "there", status: "Full", parts: perVolume, isProtected: false },
      { kind: "there", status: "Full", parts: 0, isProtected: false },
      { kind: "there", status: "Append", parts: 0, isProtected: false },
      { kind: "gone" },
    ]);
  });
});

describe("a survey", () => {
  beforeEach(() => cluster.sql(fillCatalog(2)));
  const surveyOf = async (name = "backup-a_1-vm1", of = client) =>
    answered(await purgeCatalog().survey(of, name, signal));

  it("has the runs of the exact name and Client, with the volumes that they are on", async () => {
    const { runs, volumes, objectIds } = await surveyOf();
    expect(runs).toEqual([
      { jobId: 1, type: "B", isFinished: true },
      { jobId: 5, type: "B", isFinished: true },
    ]);
    expect(objectIds).toEqual([100001, 100005]);
    expect(volumes.map(({ name }) => name)).toEqual(["Vol-1", "Vol-2", "Vol-6"]);
    expect(volumes[0]).toMatchObject({ mediaType: "File", storage: "File1", pool: "Default", isProtected: false });
  });
  it("has nothing of a name that another Client has, and nothing of a Client that is not there", async () => {
    expect((await surveyOf("backup-aX1-vm1")).runs).toEqual([]);
    expect((await surveyOf("backup-a_1-vm1", { ...client, client: "fd" })).runs).toEqual([]);
    expect((await surveyOf("backup-a_1-vm%")).runs).toEqual([]);
  });
  it.each([
    ["a copy", "UPDATE Job SET Type = 'C', PriorJobId = 1 WHERE JobId = 2", "CopiesExist", [2]],
    ["a migrated run", "UPDATE Job SET Type = 'M' WHERE JobId = 5", "CopiesExist", [5]],
    ["a run that works", "UPDATE Job SET JobStatus = 'R' WHERE JobId = 5", "Running", [5]],
    ["a run that waits", "UPDATE Job SET JobStatus = 'C' WHERE JobId = 1", "Running", [1]],
    ["another's base files", "UPDATE BaseFiles SET BaseJobId = 1 WHERE JobId = 4", "UsedAsBase", [4]],
  ])("speaks against the purge for %s", async (_what, sql, kind, jobIds) => {
    expect(judgeSurvey(await surveyOf(), new Set())).toBeUndefined();
    await cluster.sql(sql);
    expect(judgeSurvey(await surveyOf(), new Set())).toEqual({ kind, jobIds });
  });
  it.each(["Protected = 1", "VolStatus = 'Read-Only'", "VolStatus = 'Archive'"])(
    "speaks against it for a volume with %s",
    async (change) => {
      await cluster.sql(`UPDATE Media SET ${change} WHERE MediaId = 6`);
      expect(judgeSurvey(await surveyOf(), new Set())).toEqual({ kind: "ProtectedVolume", volumes: ["Vol-6"] });
    },
  );
  it("does with a catalog of an older version, which lacks tables and columns", async () => {
    await cluster.sql("ALTER TABLE Media DROP COLUMN Protected; DROP TABLE Object, TagObject, BaseFiles, FileEvents");
    await cluster.sql("UPDATE Version SET VersionId = 1016");
    expect(await surveyOf()).toMatchObject({ runs: [{ jobId: 1 }, { jobId: 5 }], objectIds: [], baseOf: [] });
    await cluster.sql("DELETE FROM Job WHERE JobId IN (1, 5)");
    const end = await purgeCatalog().deleteLeftovers({ jobIds: [1, 5], objectIds: [] }, signal);
    expect(answered(end)).toMatchObject({ kind: "deleted" });
  });
  it("is refused by a version of the schema that is not known", async () => {
    await cluster.sql("UPDATE Version SET VersionId = 9999");
    expect(await purgeCatalog().survey(client, "backup-a_1-vm1", signal)).toMatchObject({ reason: "WrongSchema" });
  });
});

describe("leftover rows", () => {
  beforeEach(() => cluster.sql(fillCatalog(2)));

  it("stay, all of them, while one of the runs is in table Job: it works, or the JobId is another's by now", async () => {
    await cluster.sql("DELETE FROM Job WHERE JobId = 1");
    const before = await contents(() => "true");
    const leftovers = { jobIds: [1, 5], objectIds: [100001], fileSetName: "fs-a-vm1" };
    expect(answered(await purgeCatalog().deleteLeftovers(leftovers, signal))).toEqual({ kind: "runsLeft" });
    expect(await contents(() => "true")).toEqual(before);
  });
  it.each([
    ["a run", "UPDATE Job SET FileSetId = 1 WHERE JobId = 2"],
    ["the statistics", "INSERT INTO JobHisto SELECT * FROM Job WHERE JobId = 5"],
    ["a snapshot", "UPDATE Snapshot SET FileSetId = 1 WHERE JobId = 2"],
  ])("leave the FileSet's row while %s refers to it", async (_what, sql) => {
    await cluster.sql(sql);
    await purge("backup-a_1-vm1", "fs-a-vm1");
    expect(await countOf("SELECT count(*)::int AS n FROM FileSet WHERE FileSet = 'fs-a-vm1'")).toBe(1);
  });
  it("are undone together when one of the statements fails", async () => {
    await cluster.sql(`CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql;
      CREATE TRIGGER refuse BEFORE DELETE ON FileSet FOR EACH ROW EXECUTE FUNCTION refuse()`);
    await cluster.sql("DELETE FROM Job WHERE JobId IN (1, 5)");
    const before = await contents(() => "true");
    const leftovers = { jobIds: [1, 5], objectIds: [100001, 100005], fileSetName: "fs-a-vm1" };
    expect(await purgeCatalog().deleteLeftovers(leftovers, signal)).toMatchObject({ reason: "QueryFailed" });
    expect(await contents(() => "true")).toEqual(before);
  });
  it("are deleted by a role with no more rights than docs/purge.md gives it", async () => {
    const page = await readFile(join(import.meta.dirname, "../../../docs/purge.md"), "utf8");
    const grants = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    await cluster.sql(`DROP ROLE IF EXISTS bacula_purge; CREATE ROLE bacula_purge LOGIN PASSWORD 'p'; ${grants}`);
    const catalog = purgeCatalog({ user: "bacula_purge", password: "p" });
    const { runs, objectIds } = await purge("backup-a_1-vm1", "fs-a-vm1", catalog);
    expect(runs.map(({ jobId }) => jobId)).toEqual([1, 5]);
    expect(objectIds).toEqual([100001, 100005]);
    expect(answered(await catalog.volumes([1], signal))).toHaveLength(1);
    expect(await countOf("SELECT count(*)::int AS n FROM FileSet WHERE FileSet = 'fs-a-vm1'")).toBe(0);
    await expect(cluster.sql("SET ROLE bacula_purge; DELETE FROM Job")).rejects.toThrow(/permission denied/);
  });
  it("are not deleted by a role that may only read", async () => {
    await cluster.sql(`DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'r';
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`);
    await cluster.sql("DELETE FROM Job WHERE JobId IN (1, 5)");
    const reader = purgeCatalog({ user: "reader", password: "r" });
    expect(await reader.deleteLeftovers({ jobIds: [1, 5], objectIds: [] }, signal)).toMatchObject({
      reason: "NotAuthorized",
    });
  });
});
