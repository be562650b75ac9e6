import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CatalogOptions, createCatalog } from "../../../src/catalog/catalog.ts";
import type { CatalogAnswer, CatalogHistory } from "../../../src/sync/ports.ts";
import { BACULA_TABLES, insertRun, type RunValues } from "./bacula-tables.ts";
import { type PostgresCluster, startPostgres } from "./postgres-cluster.ts";

let cluster: PostgresCluster;
const open: { close(): Promise<void> }[] = [];
let nowMs = Date.UTC(2026, 0, 1);
const signal = new AbortController().signal;
const client = { datacenter: "dc1", openstack: "os1", client: "fd-1", jobPrefix: "backup-a_1-" };

beforeAll(async () => {
  cluster = await startPostgres();
}, 120_000);
afterAll(async () => {
  await cluster.remove();
});
beforeEach(async () => {
  await cluster.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public");
  await cluster.sql(BACULA_TABLES);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((catalog) => catalog.close()));
});

function catalogWith(change: Partial<CatalogOptions> = {}) {
  const { host, port, database, user, password } = cluster;
  const catalog = createCatalog({
    host,
    port,
    database,
    user,
    password,
    tls: { kind: "off" },
    statementTimeoutMs: 10_000,
    clock: { now: () => nowMs },
    ...change,
  });
  open.push(catalog);
  return catalog;
}

async function addRun(values: RunValues): Promise<number> {
  const { text, values: list } = insertRun(values);
  const [row] = await cluster.sql(text, list);
  return Number(row?.["jobid"]);
}

function historyOf(answer: CatalogAnswer): CatalogHistory {
  if (answer.kind === "read") return answer.history;
  throw new Error(`${answer.reason}: ${answer.detail}`);
}

describe("what belongs to a client", () => {
  it("is of its exact ClientId, of Type B, and begins with the prefix without wildcards", async () => {
    await addRun({ name: "backup-a_1-web" });
    await addRun({ name: "backup-aX1-web" }); // `_` of LIKE would match
    await addRun({ name: "backup-a_1" }); // shorter than the prefix
    await addRun({ name: "backup-a_1-other", client: "fd-10" });
    for (const type of ["R", "C", "D", "V", "M", "c", "g"]) await addRun({ name: `backup-a_1-type-${type}`, type });
    const history = historyOf(await catalogWith().history(client, signal));
    expect([...history.keys()]).toEqual(["backup-a_1-web"]);
  });

  it.each(["100%-", "a\\_b-", "x~", "-", "'; DROP TABLE Job; --"])(
    "takes the prefix %j for what it is",
    async (jobPrefix) => {
      await addRun({ name: `${jobPrefix}vm` });
      await addRun({ name: "100x-vm" });
      await addRun({ name: "a_b-vm" });
      await addRun({ name: "xy-vm" });
      const history = historyOf(await catalogWith().history({ ...client, jobPrefix }, signal));
      expect([...history.keys()]).toEqual([`${jobPrefix}vm`]);
    },
  );

  it("tells two clients apart whose prefixes begin alike", async () => {
    await addRun({ name: "backup-a-vm", client: "fd-1" });
    await addRun({ name: "backup-a-b-vm", client: "fd-2" });
    const catalog = catalogWith();
    const one = await catalog.history({ ...client, jobPrefix: "backup-a-" }, signal);
    const two = await catalog.history({ ...client, client: "fd-2", jobPrefix: "backup-a-b-" }, signal);
    expect([...historyOf(one).keys()]).toEqual(["backup-a-vm"]);
    expect([...historyOf(two).keys()]).toEqual(["backup-a-b-vm"]);
  });

  it("is nothing for a Client that Bacula has not used yet", async () => {
    await addRun({ name: "backup-a_1-web", client: "another" });
    expect(historyOf(await catalogWith().history(client, signal)).size).toBe(0);
  });

  it("is read although other names are not UTF-8: the catalog is SQL_ASCII", async () => {
    await addRun({ name: Buffer.from("backup-a_1-caf\xe9", "latin1") });
    await addRun({ name: "backup-a_1-größe" });
    await addRun({ name: "backup-a_1-web", fileSet: "fs-web" });
    const history = historyOf(await catalogWith().history(client, signal));
    expect(history.size).toBe(3);
    expect(history.get("backup-a_1-web")?.lastGood?.fileSet).toBe("fs-web");
    expect(history.has("backup-a_1-größe")).toBe(true);
  });
});

describe("facts of a run", () => {
  it("have their times from JobTDate and from a difference, whatever zone the Director writes", async () => {
    const jobId = await addRun({ name: "backup-a_1-web", endedAt: 1_700_000_100, lastedSeconds: 90, files: 3 });
    const history = historyOf(await catalogWith().history(client, signal));
    expect(history.get("backup-a_1-web")?.lastGood).toEqual({
      jobId,
      level: "F",
      status: "T",
      bytes: 76,
      files: 3,
      fileSet: "fs-1",
      endTimeMs: 1_700_000_100_000,
      startTimeMs: 1_700_000_010_000,
    });
  });

  it("come with the catalog's clock", async () => {
    const before = Date.now();
    const answer = await catalogWith().history(client, signal);
    expect(answer.kind).toBe("read");
    if (answer.kind !== "read") return;
    expect(answer.catalogNowMs).toBeGreaterThanOrEqual(before - 1000);
    expect(answer.catalogNowMs).toBeLessThanOrEqual(Date.now() + 1000);
  });
});

describe("reading again", () => {
  it("reads nothing while no run began and none is open", async () => {
    await addRun({ name: "backup-a_1-web" });
    const catalog = catalogWith();
    const first = historyOf(await catalog.history(client, signal));
    await cluster.sql("UPDATE Job SET JobStatus = 'f'"); // not seen: nothing tells that it must be
    expect(historyOf(await catalog.history(client, signal))).toBe(first);
  });

  it("follows a run from its start to its end", async () => {
    const catalog = catalogWith();
    const jobId = await addRun({ name: "backup-a_1-web", status: "R", files: 0, endedAt: 1_700_000_000 });
    const begun = historyOf(await catalog.history(client, signal));
    expect(begun.get("backup-a_1-web")).toEqual({
      unfinished: [{ jobId, startTimeMs: 1_700_000_000_000 - 60_000 }],
    });
    await cluster.sql("UPDATE Job SET JobStatus = 'T', JobFiles = 2 WHERE JobId = $1", [jobId]);
    const history = historyOf(await catalog.history(client, signal));
    expect(history.get("backup-a_1-web")).toMatchObject({ lastGood: { jobId, files: 2 }, lastRun: { jobId } });
    expect(history.get("backup-a_1-web")).not.toHaveProperty("unfinished");
  });

  it("tells which runs of a job wait or work, beside what it has", async () => {
    const catalog = catalogWith();
    const done = await addRun({ name: "backup-a_1-web" });
    await catalog.history(client, signal);
    const runs = [];
    // A queued run has no times but JobTDate, the time it was queued for.
    for (const status of ["R", "C"]) runs.push(await addRun({ name: "backup-a_1-web", status }));
    await cluster.sql("UPDATE Job SET StartTime = NULL, EndTime = NULL, JobTDate = 1700000500 WHERE JobStatus <> 'T'");
    for (const reader of [catalog, catalogWith()]) {
      expect(historyOf(await reader.history(client, signal)).get("backup-a_1-web")).toMatchObject({
        lastGood: { jobId: done },
        unfinished: runs.map((jobId) => ({ jobId, startTimeMs: 1_700_000_500_000 })),
      });
    }
    await cluster.sql("DELETE FROM Job WHERE JobStatus = 'C'");
    expect(historyOf(await catalog.history(client, signal)).get("backup-a_1-web")?.unfinished).toHaveLength(1);
  });

  it("takes no run of another type, client or prefix for a new one of ours", async () => {
    const catalog = catalogWith();
    const jobId = await addRun({ name: "backup-a_1-web" });
    await catalog.history(client, signal);
    await addRun({ name: "backup-a_1-web", type: "R", endedAt: 1_800_000_000 });
    await addRun({ name: "backup-a_1-web", client: "fd-2", endedAt: 1_800_000_000 });
    await addRun({ name: "backup-aX1-web", endedAt: 1_800_000_000 });
    const history = historyOf(await catalog.history(client, signal));
    expect([...history.keys()]).toEqual(["backup-a_1-web"]);
    expect(history.get("backup-a_1-web")).toMatchObject({ lastGood: { jobId }, lastRun: { jobId } });
  });

  it("sees a run whose row appeared later than one with a higher JobId", async () => {
    const catalog = catalogWith();
    await addRun({ name: "backup-a_1-other" });
    await cluster.sql("UPDATE Job SET JobId = JobId + 10");
    expect(historyOf(await catalog.history(client, signal)).size).toBe(1);
    await addRun({ name: "backup-a_1-late" });
    await cluster.sql("SELECT setval('job_jobid_seq', 20)");
    await addRun({ name: "backup-a_1-next" });
    expect([...historyOf(await catalog.history(client, signal)).keys()].sort()).toEqual(
      ["late", "next", "other"].map((name) => `backup-a_1-${name}`),
    );
  });

  it("drops a job whose runs were all pruned as soon as anything ran, and within six hours in any case", async () => {
    const catalog = catalogWith();
    await addRun({ name: "backup-a_1-gone" });
    const kept = await addRun({ name: "backup-a_1-kept" });
    expect(historyOf(await catalog.history(client, signal)).size).toBe(2);
    await cluster.sql("DELETE FROM Job WHERE Name = 'backup-a_1-gone'");
    await addRun({ name: "backup-a_1-kept" });
    expect([...historyOf(await catalog.history(client, signal)).keys()]).toEqual(["backup-a_1-kept"]);
    await cluster.sql("DELETE FROM Job WHERE JobId = $1", [kept]);
    await cluster.sql("UPDATE Job SET JobStatus = 'f'");
    nowMs += 6 * 3600 * 1000;
    const history = historyOf(await catalog.history(client, signal));
    expect(history.get("backup-a_1-kept")?.lastGood).toBeUndefined();
  });

  it("reads everything when JobIds went back: another catalog, or one restored", async () => {
    const catalog = catalogWith();
    await addRun({ name: "backup-a_1-web" });
    const jobId = await addRun({ name: "backup-a_1-web", status: "T" });
    await catalog.history(client, signal);
    await cluster.sql("DELETE FROM Job WHERE JobId = $1", [jobId]);
    const history = historyOf(await catalog.history(client, signal));
    expect(history.get("backup-a_1-web")?.lastGood?.jobId).toBe(jobId - 1);
  });

  it("gives what a full read gives, over random histories", async () => {
    const step = fc.array(
      fc.record({
        name: fc.constantFrom("a", "b", "c", "d"),
        status: fc.constantFrom("T", "W", "f", "E", "R", "C", "A"),
        files: fc.constantFrom(0, 2),
        type: fc.constantFrom("B", "B", "B", "R"),
        endedAt: fc.integer({ min: 1_700_000_000, max: 1_700_000_004 }),
      }),
      { maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        await cluster.sql("TRUNCATE Job RESTART IDENTITY");
        const growing = catalogWith();
        for (const runs of steps) {
          await cluster.sql(
            "UPDATE Job SET JobStatus = 'T', JobFiles = 1 WHERE JobStatus IN ('R','C') AND JobId % 2 = 0",
          );
          for (const one of runs) await addRun({ ...one, name: `backup-a_1-${one.name}` });
          const fresh = catalogWith();
          const expected = historyOf(await fresh.history(client, signal));
          expect(new Map(historyOf(await growing.history(client, signal)))).toEqual(new Map(expected));
          await fresh.close();
          open.splice(open.indexOf(fresh), 1);
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

describe("a catalog that does not answer", () => {
  it("is Unreachable while it is down, and is read again when it is back, without help", async () => {
    await addRun({ name: "backup-a_1-web" });
    const catalog = catalogWith();
    historyOf(await catalog.history(client, signal));
    await cluster.stop();
    expect(await catalog.history(client, signal)).toMatchObject({ kind: "unknown", reason: "Unreachable" });
    await cluster.start();
    expect(historyOf(await catalog.history(client, signal)).size).toBe(1);
  }, 60_000);

  it("is read at once after a restart between two passes", async () => {
    await addRun({ name: "backup-a_1-web" });
    const catalog = catalogWith();
    historyOf(await catalog.history(client, signal));
    await cluster.stop();
    await cluster.start();
    expect(historyOf(await catalog.history(client, signal)).size).toBe(1);
  }, 60_000);

  it("ends a statement that takes too long", async () => {
    const catalog = catalogWith({ statementTimeoutMs: 100 });
    await cluster.sql("ALTER TABLE Client RENAME TO RealClient");
    await cluster.sql("CREATE VIEW Client AS SELECT r.* FROM RealClient r WHERE pg_sleep(3) IS NOT NULL");
    await addRunTo("RealClient");
    expect(await catalog.history(client, signal)).toMatchObject({ kind: "unknown", reason: "TimedOut" });
  });

  it("lets go at once when the caller gives up", async () => {
    await cluster.sql("ALTER TABLE Client RENAME TO RealClient");
    await cluster.sql("CREATE VIEW Client AS SELECT r.* FROM RealClient r WHERE pg_sleep(3) IS NOT NULL");
    await addRunTo("RealClient");
    const giveUp = new AbortController();
    const asked = catalogWith().history(client, giveUp.signal);
    const startedAt = performance.now();
    setTimeout(() => giveUp.abort(new Error("stopping")), 100);
    await expect(asked).rejects.toThrow("stopping");
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it("is WrongSchema, naming what is known, when its version is another", async () => {
    await cluster.sql("UPDATE Version SET VersionId = 2001");
    const answer = await catalogWith().history(client, signal);
    expect(answer).toMatchObject({ kind: "unknown", reason: "WrongSchema" });
    expect(answer).toHaveProperty("detail", expect.stringMatching(/2001.*1026/));
  });

  it.each([
    ["without Bacula's tables", {}],
    ["that does not exist", { database: "nowhere" }],
  ])("is WrongSchema in a database %s", async (_, change) => {
    await cluster.sql("DROP TABLE Version, Client");
    expect(await catalogWith(change).history(client, signal)).toMatchObject({ kind: "unknown", reason: "WrongSchema" });
  });

  it("is never written to", async () => {
    await cluster.sql("CREATE FUNCTION spoil() RETURNS text LANGUAGE sql AS $$ DELETE FROM Job; SELECT 'x' $$");
    await cluster.sql("ALTER TABLE Client RENAME TO RealClient");
    await cluster.sql("CREATE VIEW Client AS SELECT r.*, spoil() FROM RealClient r WHERE spoil() <> ''");
    await addRunTo("RealClient");
    expect(await catalogWith().history(client, signal)).toMatchObject({ kind: "unknown", reason: "QueryFailed" });
  });
});

/** One row for the view's function to run on. */
async function addRunTo(table: string): Promise<void> {
  await cluster.sql(`INSERT INTO ${table} (Name) VALUES ('fd-1')`);
}

describe("who may read", () => {
  it("is told by name, never by password", async () => {
    const answer = await catalogWith({ password: "wrong-secret-word" }).history(client, signal);
    expect(answer).toMatchObject({ kind: "unknown", reason: "NotAuthorized" });
    const detail = answer.kind === "unknown" ? answer.detail : "";
    expect(detail).toContain(`"postgres" at 127.0.0.1:${cluster.port} as user "postgres"`);
    expect(detail).not.toContain("wrong-secret-word");
  });

  it("has the password from PGPASSFILE, read at each connection", async () => {
    const passFile = join(cluster.folder, "pgpass");
    writeFileSync(passFile, `127.0.0.1:${cluster.port}:*:postgres:old\n`, { mode: 0o600 });
    chmodSync(passFile, 0o600);
    const catalog = catalogWith({ password: undefined, passFile });
    expect(await catalog.history(client, signal)).toMatchObject({ reason: "NotAuthorized" });
    writeFileSync(passFile, `127.0.0.1:${cluster.port}:*:postgres:${cluster.password}\n`);
    expect((await catalog.history(client, signal)).kind).toBe("read");
  });

  it.each([
    ["without any password", {}, /PGPASSWORD or PGPASSFILE/],
    ["with a password file that is not there", { passFile: "/nowhere/pgpass" }, /\/nowhere\/pgpass cannot be read/],
  ])("is NotAuthorized %s", async (_, change, words) => {
    const answer = await catalogWith({ password: undefined, ...change }).history(client, signal);
    expect(answer).toMatchObject({ kind: "unknown", reason: "NotAuthorized" });
    expect(answer).toHaveProperty("detail", expect.stringMatching(words));
  });

  it("needs SELECT only", async () => {
    await cluster.sql("DROP ROLE IF EXISTS reader");
    await cluster.sql(`CREATE ROLE reader LOGIN PASSWORD '${cluster.password}'`);
    const catalog = catalogWith({ user: "reader" });
    expect(await catalog.history(client, signal)).toMatchObject({ reason: "NotAuthorized" });
    await cluster.sql("GRANT SELECT ON Version, Client, Job, FileSet TO reader");
    await addRun({ name: "backup-a_1-web" });
    expect(historyOf(await catalog.history(client, signal)).size).toBe(1);
    await cluster.sql("DROP OWNED BY reader; DROP ROLE reader");
  });
});
