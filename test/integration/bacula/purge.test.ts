import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { createDirector } from "../../../src/bacula/director.ts";
import { createPurgeDirector } from "../../../src/bacula/purge-director.ts";
import { createCatalog } from "../../../src/catalog/catalog.ts";
import { createPurgeCatalog } from "../../../src/catalog/purge-catalog.ts";
import type { PurgedVolumes } from "../../../src/domain/purge/purge-volume.ts";
import { SyncRunner } from "../../../src/sync/sync-runner.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { FRONT_END, POLICY } from "../../support/policy.ts";
import { ORPHANS } from "../../support/purge/bacula-schema.ts";
import { passed } from "../../support/sync/passed.ts";
import { vm } from "../../support/sync/played-world.ts";

const DAY_MS = 86_400_000;
const never = new AbortController().signal;
const policy = { ...POLICY, cleanupAfterDays: 30 };
const FOLDER = "datacenter1/openstack1";
const JOB = "backup-dc1-os1-vm";
/** All that a purge needs, and nothing that a pass needs besides. */
const PURGE_CONSOLE = `Console {
  Name = purge
  Password = "purgepw"
  CommandACL = .status, delete, prune, update, truncate
  ClientACL = *all*
  JobACL = *all*
  FileSetACL = *all*
  PoolACL = *all*
  StorageACL = *all*
  CatalogACL = MyCatalog
}
`;
/** All that a pass needs; it cannot delete. */
const SYNC_CONSOLE = `Console {
  Name = sync
  Password = "syncpw"
  CommandACL = .query, reload, run, .jobs, .clients, .pools, .storage, .schedule, .filesets, .msgs, .status, show
  ClientACL = *all*
  JobACL = *all*
  FileSetACL = *all*
  PoolACL = *all*
  StorageACL = *all*
  ScheduleACL = *all*
  CatalogACL = MyCatalog
}
`;

let bed: BaculaBed;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "bacula-purge" });
  await bed.addDirectorConf(PURGE_CONSOLE + SYNC_CONSOLE);
  await bed.console("reload");
  const login = await readFile(bed.restrictedBconsoleConf, "utf8");
  for (const name of ["purge", "sync"])
    await writeFile(conf(name), login.replace("Name = tool", `Name = ${name}`).replace("toolpw", `${name}pw`));
}, 300_000);
afterAll(() => bed?.wipe());

const conf = (name: string) => join(bed.dir, `bconsole-${name}.conf`);
const consoleAs = (name: string) => ({
  bconsolePath: bed.bconsolePath,
  bconsoleConf: conf(name),
  timeoutMs: 60_000,
  maxBytes: 64 * 1024 * 1024,
});

async function sql(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(bed.catalog);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** A process with all of its parts real. */
async function pass(volumes: PurgedVolumes = "keep", purgeConsole = "purge") {
  const login = { ...bed.catalog, tls: { kind: "off" }, statementTimeoutMs: 30_000 } as const;
  const catalog = createCatalog({ ...login, clock: Date });
  const purgeCatalog = createPurgeCatalog(login);
  const volume = createVolume({
    baseDir: bed.baseDir,
    directorBaseDir: bed.baseDir,
    timeZone: "UTC",
    lockWaitMs: 5_000,
    clock: Date,
    newId: randomUUID,
  });
  const director = createDirector({ ...consoleAs("sync"), clock: Date });
  const ports = { director: createPurgeDirector(consoleAs(purgeConsole)), catalog: purgeCatalog };
  const purges = { ports, perPass: 10, volumes };
  const runner = new SyncRunner({ director, catalog, volume, clock: Date }, { gatherMs: 0, signal: never, purges });
  try {
    const request = { policy, personal: () => () => undefined, maxSightGapMs: 400 * DAY_MS, frontEnd: FRONT_END };
    return passed(await runner.run(request, never));
  } finally {
    await Promise.all([catalog.close(), purgeCatalog.close()]);
  }
}

async function fleetOf(numbers: readonly number[]): Promise<void> {
  const lines = numbers.map((n) => `server=${vm(n).name} uuid=${vm(n).uuid}\n`).join("");
  await bed.fleet("dc1-os1-proxy", lines);
}

/** The VM went away long ago, and so says everything that remembers it. */
async function ageOut(numbers: readonly number[]): Promise<void> {
  const gone = new Date(Date.now() - 200 * DAY_MS).toISOString().replace(/\.\d+Z$/, "Z");
  for (const n of numbers) {
    const path = join(bed.baseDir, FOLDER, `vm${n}/job`);
    const text = await readFile(path, "utf8");
    const headers = `#@status:        disabled\n#@missing-since: ${gone}\n#@disabled:      ${gone}`;
    await writeFile(path, text.replace(/^#@status:.*$/m, headers).replace(/Enabled( +)= yes/, "Enabled$1= no"));
  }
  await sql("UPDATE Job SET JobTDate = JobTDate - 300 * 86400");
  const state = join(bed.baseDir, ".bacula-openstack-sync");
  await mkdir(state, { recursive: true });
  const write = (kind: string, value: object) =>
    writeFile(join(state, `${kind}%2Fdatacenter1%2Fopenstack1.json`), JSON.stringify({ version: 1, ...value }));
  await write("sight", { lastSeenMs: Date.now() - 60_000, gaps: [] });
  const notice = { sinceMs: Date.now() - 10 * DAY_MS, purgeAtMs: 0 };
  const vms = Object.fromEntries(numbers.map((n) => [vm(n).uuid, notice]));
  await write("purges", { graceDays: 14, cleanupAfterDays: 30, vms, begun: [] });
}

async function backUp(n: number, pool?: string): Promise<void> {
  const to = pool === undefined ? "" : ` pool=${pool}`;
  const said = await bed.console(`run job=${JOB}${n} level=Full${to} yes\nwait`);
  if (!said.includes("Job queued")) throw new Error(said);
}

const jobsInCatalog = async () =>
  (await sql("SELECT Name AS n, count(*)::int AS c FROM Job WHERE Type = 'B' GROUP BY Name ORDER BY Name")).map(
    ({ n, c }) => `${String(n)} ${String(c)}`,
  );

describe("a purge on a real Bacula", () => {
  it("takes one VM's runs, rows and files and nothing else, with a Console and a role that can no more", async () => {
    await fleetOf([1, 2, 3, 4, 5]);
    expect((await pass()).publishing.kind).toBe("published");
    await backUp(1);
    await backUp(2);
    await backUp(1, "GoldPool");
    await backUp(2, "GoldPool");
    expect(await jobsInCatalog()).toEqual([`${JOB}1 2`, `${JOB}2 2`]);
    const [gold] = await sql(
      `SELECT m.VolumeName AS n FROM Media m WHERE m.VolumeName LIKE 'Gold%' AND EXISTS (SELECT 1 FROM JobMedia jm
         JOIN Job j ON j.JobId = jm.JobId WHERE jm.MediaId = m.MediaId AND j.Name = '${JOB}1')`,
    );
    const goldVolume = String(gold?.["n"]);
    const rowsOfOthers = () =>
      sql(`SELECT (SELECT count(*)::int FROM File f JOIN Job j ON j.JobId = f.JobId WHERE j.Name = '${JOB}2') AS files,
                  (SELECT count(*)::int FROM JobMedia f JOIN Job j ON j.JobId = f.JobId WHERE j.Name = '${JOB}2') AS parts,
                  (SELECT count(*)::int FROM Log f JOIN Job j ON j.JobId = f.JobId WHERE j.Name = '${JOB}2') AS lines`);
    const before = await rowsOfOthers();

    await ageOut([1]);
    await fleetOf([2, 3, 4, 5]);
    const report = await pass();
    const gone = report.vms.find(({ uuid }) => uuid === vm(1).uuid);
    expect(gone?.purge).toEqual({
      kind: "purged",
      runs: 2,
      actionsRequired: [
        expect.stringMatching(
          new RegExp(
            `^ACTION REQUIRED: volume ${goldVolume} \\(media type \\S+, storage File1\\) .* marked Purged; its file`,
          ),
        ),
      ],
    });
    expect(await jobsInCatalog()).toEqual([`${JOB}2 2`]);
    expect(await rowsOfOthers()).toEqual(before);
    const statuses = await sql("SELECT VolumeName AS n, VolStatus AS s FROM Media ORDER BY 1");
    expect(statuses.filter(({ s }) => s === "Purged")).toEqual([{ n: goldVolume, s: "Purged" }]);
    expect(await readdir(bed.volumesDir)).toContain(goldVolume);
    expect(await readdir(join(bed.baseDir, FOLDER))).toEqual(["published.conf", "vm2", "vm3", "vm4", "vm5"]);
    expect(await bed.console(".jobs type=B")).not.toContain(`${JOB}1`);
    expect(await sql("SELECT 1 FROM FileSet WHERE FileSet = 'fs-datacenter1-openstack1-vm1'")).toEqual([]);
    // FileSets of VMs that never ran have no run.
    const { FileSet: _unused, ...orphans } = ORPHANS;
    const found: Record<string, unknown> = {};
    for (const [what, text] of Object.entries(orphans)) found[what] = (await sql(text))[0]?.["n"];
    expect(found).toEqual(Object.fromEntries(Object.keys(orphans).map((what) => [what, 0])));
  }, 300_000);

  it("waits while the catalog has a run of it that works, and takes it when that has ended; its volume is deleted as wished", async () => {
    await backUp(3, "GoldPool");
    await fleetOf([2, 4, 5]);
    await ageOut([3]);
    // As the catalog has a run that works; a short one could end before it is looked at.
    const [last] = await sql(`SELECT max(JobId) AS id FROM Job WHERE Name = '${JOB}3'`);
    await sql(`UPDATE Job SET JobStatus = 'R' WHERE JobId = ${Number(last?.["id"])}`);
    const waiting = (await pass("delete")).vms.find(({ uuid }) => uuid === vm(3).uuid);
    expect(waiting?.decision).toMatchObject({ kind: "purgeBlocked", obstacle: { kind: "Running" } });
    await sql(`UPDATE Job SET JobStatus = 'T' WHERE JobId = ${Number(last?.["id"])}`);
    const gone = (await pass("delete")).vms.find(({ uuid }) => uuid === vm(3).uuid);
    expect(gone?.purge).toMatchObject({ kind: "purged", runs: 1 });
    const lines = gone?.purge?.kind === "purged" ? gone.purge.actionsRequired : [];
    expect(lines).toEqual([expect.stringMatching(/volume Gold-\d+ .* deleted from the catalog; its file is still/)]);
    expect(await jobsInCatalog()).toEqual([`${JOB}2 2`]);
  }, 300_000);

  it("stops before the first delete with a Console that may not, and names what it lacks", async () => {
    await backUp(4, "GoldPool");
    await fleetOf([2, 5]);
    await ageOut([4]);
    const [blocked] = (await pass("keep", "sync")).vms.filter(({ uuid }) => uuid === vm(4).uuid);
    expect(blocked?.purge).toMatchObject({ kind: "waits", reason: expect.stringContaining("delete") });
    expect(await jobsInCatalog()).toEqual([`${JOB}2 2`, `${JOB}4 1`]);
    const end = (await pass("truncate")).vms.find(({ uuid }) => uuid === vm(4).uuid)?.purge;
    const told = expect.stringMatching(/volume Gold-\d+ .* told to cut its file; its file is still/);
    expect(end).toEqual({ kind: "purged", runs: 1, actionsRequired: [told] });
    const volume = end?.kind === "purged" ? (/volume (\S+)/.exec(end.actionsRequired[0] ?? "")?.[1] ?? "") : "";
    expect((await stat(join(bed.volumesDir, volume))).size).toBeLessThan(1000);
    expect(await jobsInCatalog()).toEqual([`${JOB}2 2`]);
  }, 300_000);
});
