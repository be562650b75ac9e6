import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { Site, until } from "../support/e2e/site.ts";
import { readBaseDir } from "../support/e2e/tree.ts";

const VMS = 5;
const NAMES = Array.from({ length: VMS }, (_, n) => `backup-dc1-os1-vm${n}`);
const uuid = (n: number) => `${String(n).padStart(8, "0")}-2222-4222-8222-222222222222`;
const FLEET = NAMES.map((_name, n) => `server=vm${n} uuid=${uuid(n)}\n`).join("");

let site: Site;
let operator: OperatorProcess;
let catalog: pg.Client;
beforeAll(async () => {
  site = await Site.open("e2e-first-backup");
  await site.bacula.fleet("dc1-os1-proxy", FLEET);
  catalog = new pg.Client(site.bacula.catalog);
  await catalog.connect();
  // A lease would only make the operator that is started anew wait for the dead one's.
  operator = await site.startOperator({ LEADER_ELECT: "0" });
});
afterAll(async () => {
  await catalog.end();
  await site.close();
});

const row = z.object({ name: z.string(), status: z.string(), files: z.int(), begin: z.number(), end: z.number() });

/** Every run that the catalog has, the administrator's own jobs included; times in seconds. */
async function runs() {
  const { rows } = await catalog.query(
    `SELECT Name AS name, JobStatus AS status, coalesce(JobFiles, 0) AS files,
            extract(epoch FROM SchedTime)::float8 AS begin, coalesce(extract(epoch FROM RealEndTime), 0)::float8 AS end
       FROM Job ORDER BY JobId`,
  );
  return z.array(row).parse(rows);
}
const isOpen = ({ status }: { readonly status: string }) => status === "C" || status === "R";

describe("firstBackup: Immediate on the real Director", () => {
  it("backs every VM up once without a schedule, two at a time, though the operator is killed twice", async () => {
    let most = 0;
    const seen = (wanted: number) =>
      until(
        async () => {
          const all = await runs();
          most = Math.max(most, all.filter(isOpen).length);
          return all;
        },
        (all) => all.length >= wanted,
        `${wanted} runs were queued`,
        40_000,
      );

    // Each backup lasts some seconds, and no schedule would ever run it.
    const plugin = { name: "openstack", selector: "instance", options: "sleep=2" };
    await site.apply("dc1-os1", { interval: "1s", firstBackup: "Immediate", schedule: "", plugin });
    for (const killAfter of [1, 3]) {
      await seen(killAfter);
      await operator.kill("SIGKILL");
      await operator.start();
    }
    await seen(VMS);
    const vms = await until(
      () => site.managedVms("dc1-os1"),
      (all) => all.length === VMS && all.every(({ status }) => status.lastBackup !== undefined),
      "every ManagedVM shows its backup",
      40_000,
    );
    // Passes after which nothing may follow any more.
    await site.pass("dc1-os1", "one");
    await site.pass("dc1-os1", "two");

    const all = await runs();
    expect(all.map(({ name }) => name).sort()).toEqual(NAMES);
    expect(all.map(({ status, files }) => [status, files > 0])).toEqual(all.map(() => ["T", true]));
    expect(most).toBe(2);
    for (const { begin } of all)
      expect(all.filter((other) => other.begin <= begin && begin < other.end).length).toBeLessThanOrEqual(2);
    expect(vms.map(({ status }) => status.lastBackup?.status)).toEqual(NAMES.map(() => "T"));
    for (const text of (await readBaseDir(site.bacula.baseDir)).values()) expect(text).not.toContain("#@first-backup");

    const events = await site.kubernetes.kubectl(["get", "events", "-n", "bacula", "-o", "json"]);
    expect(events).toContain('"reason": "FirstBackupStarted"');
    expect(events).not.toContain("FirstBackupNotStarted");
  }, 60_000);
});
