import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";
import { ORPHANS } from "../support/purge/bacula-schema.ts";

const uuid = (n: number) => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;
const fleet = (count: number) => Array.from({ length: count }, (_, n) => `server=vm${n} uuid=${uuid(n)}\n`).join("");
/** About 9 seconds each: of grace, and from the disable to the purge. */
const DAYS = 0.0001;

let site: Site;
let operator: OperatorProcess;
beforeAll(async () => {
  site = await Site.open("e2e-purge");
  await site.bacula.fleet("dc1-os1-proxy", fleet(20));
  operator = await site.startOperator();
  await site.apply("dc1-os1", { interval: "1s", graceDays: DAYS });
  await until(
    () => site.client("dc1-os1"),
    (object) => condition(object, "Ready") === "True Succeeded",
    "the client is Ready",
    60_000,
  );
});
afterAll(() => site.close());

async function sql(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(site.bacula.catalog);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const backUp = (n: number) => site.bacula.console(`run job=backup-dc1-os1-vm${n} level=Full pool=GoldPool yes\nwait`);
const runs = async (n: number) => (await sql(`SELECT JobId FROM Job WHERE Name = 'backup-dc1-os1-vm${n}'`)).length;
const folder = (n: number) => join(site.bacula.baseDir, "datacenter1/openstack1", `vm${n}`);
const vm = async (n: number) => (await site.managedVms()).find(({ spec }) => spec.uuid === uuid(n));
const isGone = (n: number) =>
  until(
    () => vm(n),
    (object) => object === undefined,
    `the ManagedVM of vm${n} is gone`,
    90_000,
  );

describe("an operator that may purge, on the real Director", () => {
  it("deletes a VM that stayed away, its ManagedVM and its backups, and says what is left to do", async () => {
    await backUp(19);
    await backUp(18);
    await site.bacula.fleet("dc1-os1-proxy", fleet(19));
    await until(
      () => vm(19),
      (object) => object?.status.phase === "Disabled",
      "vm19 is disabled",
      60_000,
    );
    expect((await vm(19))?.status).not.toHaveProperty("purgeAt");
    await sleep(12_000); // beyond what would be its time, if anybody had asked for it
    expect(await runs(19)).toBe(1);

    await site.apply("dc1-os1", { interval: "1s", graceDays: DAYS, cleanupAfterDays: DAYS });
    await until(
      () => vm(19),
      (object) => object?.status.purgeAt !== undefined,
      "its purge is announced",
    );
    await isGone(19);
    expect(await runs(19)).toBe(0);
    expect(await runs(18)).toBe(1);
    expect(existsSync(folder(19))).toBe(false);
    expect(await site.directorJobs()).not.toContain("backup-dc1-os1-vm19");
    expect(await site.directorJobs()).toHaveLength(20); // the administrator's own is one
    const events = await until(
      () => site.kubernetes.kubectl(["get", "events", "-n", "bacula", "-o", "jsonpath={.items[*].message}"]),
      (text) => text.includes("ACTION REQUIRED"),
      "a person is told of the volume",
    );
    expect(events).toMatch(/ACTION REQUIRED: volume Gold-\d+ \(media type \S+, storage File1\)/);
    const said = await site.kubernetes.kubectl(["get", "events", "-n", "bacula", "-o", "jsonpath={.items[*].reason}"]);
    expect(said.split(" ")).toEqual(expect.arrayContaining(["Purging", "Purged", "ActionRequired"]));
  }, 240_000);

  it("completes a purge whose process was killed in it, again and again", async () => {
    await backUp(18);
    await site.bacula.fleet("dc1-os1-proxy", fleet(18));
    const record = join(folder(18), "purge.json");
    let kills = 0;
    for (let wait = 0; wait < 4; wait++) {
      await until(
        async () => existsSync(record) || !existsSync(folder(18)),
        (isThere) => isThere,
        "the purge of vm18 has begun",
        90_000,
      );
      if (!existsSync(folder(18))) break;
      await sleep(wait * 150);
      await operator.kill();
      kills++;
      await operator.start();
    }
    expect(kills).toBeGreaterThan(0);
    await isGone(18);
    expect(await runs(18)).toBe(0);
    expect(existsSync(folder(18))).toBe(false);
    expect((await readdir(join(site.bacula.baseDir, "datacenter1/openstack1"))).length).toBe(19); // and published.conf
    // FileSets of VMs that never ran have no run.
    const { FileSet: _unused, ...orphans } = ORPHANS;
    const found: Record<string, unknown> = {};
    for (const [what, text] of Object.entries(orphans)) found[what] = (await sql(text))[0]?.["n"];
    expect(found).toEqual(Object.fromEntries(Object.keys(orphans).map((what) => [what, 0])));
  }, 300_000);
});
