import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approvalToken } from "../../src/domain/lifecycle/judge-shrinking.ts";
import { condition, type OpenStackClient } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";
import { readBaseDir } from "../support/e2e/tree.ts";
import { CuttableProxy } from "../support/kubernetes/cuttable-proxy.ts";

const uuid = (n: number) => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;
const fleet = (count: number) => Array.from({ length: count }, (_, n) => `server=vm${n} uuid=${uuid(n)}\n`).join("");
/** Grace of about 9 seconds. */
const GRACE_DAYS = 0.0001;

let site: Site;
/** Between the operator and the catalog; the Director has its own way. */
let catalogProxy: CuttableProxy;
beforeAll(async () => {
  site = await Site.open("e2e-lifecycle");
  catalogProxy = await CuttableProxy.start(site.bacula.catalog.port);
  await site.bacula.fleet("dc1-os1-proxy", fleet(30));
  await site.startOperator({ DB_PORT: String(catalogProxy.port) });
  await site.apply("dc1-os1", { interval: "1s", graceDays: GRACE_DAYS });
  await client((object) => condition(object, "Ready") === "True Succeeded", "the client is Ready");
});
afterAll(async () => {
  await site.close();
  await catalogProxy.close();
});

function client(isAsWanted: (object: OpenStackClient) => boolean, what: string) {
  return until(() => site.client("dc1-os1"), isAsWanted, what, 60_000);
}
const counts = (object: OpenStackClient) => object.status.counts;
const job = (slug: string) => readFile(join(site.bacula.baseDir, "datacenter1/openstack1", slug, "job"), "utf8");
const show = (slug: string) => site.bacula.console(`show job=backup-dc1-os1-${slug}\n`);
async function vm(n: number) {
  return (await site.managedVms()).find(({ spec }) => spec.uuid === uuid(n));
}

describe("the life of a VM on the real Director", () => {
  it("goes from Missing to Disabled and back to Active, with its history", async () => {
    await site.bacula.fleet("dc1-os1-proxy", fleet(29));
    await client((object) => counts(object)?.missing === 1, "one VM is missing");
    const missing = await vm(29);
    expect(missing?.status).toMatchObject({ phase: "Missing" });
    expect(missing?.status.disableAt).toBeDefined();
    expect(await show("vm29")).toContain("Enabled=1");

    await client((object) => counts(object)?.disabled === 1, "one job is disabled");
    expect((await vm(29))?.status).toMatchObject({ phase: "Disabled" });
    await until(
      () => show("vm29"),
      (text) => text.includes("Enabled=0"),
      "the Director has the job disabled",
    );
    expect(await job("vm29")).toMatch(/#@disabled: {6}\d{4}-/u);

    await site.bacula.fleet("dc1-os1-proxy", fleet(30));
    await client((object) => counts(object)?.active === 30, "all VMs are active");
    await until(
      () => show("vm29"),
      (text) => text.includes("Enabled=1"),
      "the Director has the job enabled",
    );
    expect(await job("vm29")).toMatch(/#@reenabled: {5}\d{4}-/u);
    const events = await site.kubernetes.kubectl([
      "get",
      "events",
      "-n",
      "bacula",
      "-o",
      "jsonpath={.items[*].reason}",
    ]);
    expect(events.split(" ")).toEqual(expect.arrayContaining(["Protected", "Missing", "Disabled", "Restored"]));
  });

  it("holds a large loss until exactly these VMs are approved", async () => {
    await site.bacula.fleet("dc1-os1-proxy", fleet(15));
    const held = await client(
      (object) => condition(object, "RemovalAllowed") === "False TooManyMissing",
      "removals are held",
    );
    const gone = Array.from({ length: 15 }, (_, n) => uuid(15 + n));
    expect(held.status.removal).toMatchObject({ token: approvalToken(gone) });
    expect(counts(held)).toMatchObject({ missing: 0, active: 30 });
    expect(await job("vm20")).not.toContain("missing-since");

    await site.kubernetes.kubectl([
      "annotate",
      "osc",
      "dc1-os1",
      "-n",
      "bacula",
      `bacula-openstack-sync.io/approve-removal=${approvalToken(gone)}`,
    ]);
    const approved = await client((object) => counts(object)?.missing === 15, "the approved VMs are missing");
    expect(approved.status.lastApproval).toBe(approvalToken(gone));
    expect(approved.status.removal).toBeUndefined();
  });

  it("keeps all of them when they come back, and counts nothing while HOLD is there", async () => {
    await writeFile(join(site.bacula.baseDir, "HOLD"), "");
    const onHold = await client((object) => condition(object, "RemovalAllowed") === "False Hold", "HOLD is seen");
    expect(condition(onHold, "Ready")).toBe("True Succeeded");
    await site.bacula.fleet("dc1-os1-proxy", fleet(30));
    const back = await client((object) => counts(object)?.active === 30, "all VMs are active");
    expect(counts(back)).toMatchObject({ missing: 0 });
    await rm(join(site.bacula.baseDir, "HOLD"));
    await client((object) => condition(object, "RemovalAllowed") === "True WithinLimits", "HOLD is gone");
  });
});

describe("an outage in the grace time", () => {
  const MISSING = "vm29";
  /** Beyond two intervals without a trusted answer nobody was looking. */
  const UNCOUNTED_MS = 2_000;
  /** Long enough to tell the clock that stands from one that goes on. */
  const OUTAGE_MS = 5_000;
  /** Times in a status are cut to seconds: one for when it was seen last, one for disableAt. */
  const ROUNDING_MS = 2_000;

  interface Outage {
    readonly what: string;
    readonly begin: () => Promise<void> | void;
    readonly end: () => Promise<void> | void;
    readonly told: string;
  }
  const answer = (text: string) => () => site.bacula.fleet("dc1-os1-proxy", text);
  const listAgain = answer(fleet(29));
  const outages: readonly Outage[] = [
    {
      what: "the File Daemon is down",
      begin: () => site.bacula.stopFd(),
      end: () => site.bacula.startFd(),
      told: "Discovered=False ClientUnreachable",
    },
    {
      what: "the File Daemon has no plugin",
      begin: () => site.bacula.restartFd({ plugins: "none" }),
      end: () => site.bacula.restartFd(),
      told: "Discovered=False EmptyAnswer",
    },
    { what: "the plugin fails", begin: answer("#error\n"), end: listAgain, told: "Discovered=False PluginError" },
    {
      what: "the Director is down",
      begin: () => site.bacula.stopDirector(),
      end: () => site.bacula.startDirector(),
      told: "Discovered=False DirectorUnreachable",
    },
    {
      what: "the catalog is down",
      begin: () => catalogProxy.cut(),
      end: () => catalogProxy.mend(),
      told: "CatalogReachable=False CatalogUnreachable",
    },
  ];

  async function setGrace(graceDays: number): Promise<void> {
    await site.apply("dc1-os1", { interval: "1s", graceDays });
    await client(({ metadata, status }) => status.observedGeneration === metadata.generation, "a pass with this grace");
  }
  const disableAtMs = async (): Promise<number> => Date.parse((await vm(29))?.status.disableAt ?? "");
  const isWell = (object: OpenStackClient): boolean => condition(object, "Ready") === "True Succeeded";

  beforeAll(async () => {
    await setGrace(1);
    await site.bacula.fleet("dc1-os1-proxy", fleet(29));
    await client((object) => counts(object)?.missing === 1 && isWell(object), "one VM is missing");
  });

  it.each(outages)("stops the clock, and nothing is disabled, though the grace time is over: $what", async (outage) => {
    const files = await readBaseDir(site.bacula.baseDir);
    const text = await job(MISSING);
    const [type = "", told = ""] = outage.told.split("=");
    const before = await disableAtMs();
    let seenMs = 0;
    let endedMs = 0;
    try {
      await outage.begin();
      const overdue = text.replace(/^#@missing-since: .*$/mu, `#@missing-since: ${twoDaysAgo()}`);
      expect(overdue).not.toBe(text);
      await replaceJob(overdue);
      const blind = await client((object) => condition(object, type) === told, `${type} is ${told}`);
      seenMs = type === "Discovered" ? Date.parse(blind.status.lastDiscoveryTime ?? "") : Date.now();
      await until(
        async () => Date.now() - seenMs,
        (ms) => ms >= OUTAGE_MS,
        "the outage is long enough to be seen in the times",
      );
      expect(counts(await site.client("dc1-os1"))).toMatchObject({ missing: 1, disabled: 0 });
      expect(await job(MISSING)).toBe(overdue);
    } finally {
      await replaceJob(text);
      endedMs = Date.now();
      await outage.end();
    }
    await client(isWell, "all is seen again");
    const after = await until(disableAtMs, (ms) => ms > before, "disableAt has moved on", 60_000);
    expect(after - before).toBeGreaterThanOrEqual(endedMs - seenMs - UNCOUNTED_MS - ROUNDING_MS);
    expect(await readBaseDir(site.bacula.baseDir)).toEqual(files);
  });

  function twoDaysAgo(): string {
    return `${new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 19)}Z`;
  }

  async function replaceJob(text: string): Promise<void> {
    const path = join(site.bacula.baseDir, "datacenter1/openstack1", MISSING, "job");
    await writeFile(`${path}.by-hand`, text);
    await rename(`${path}.by-hand`, path);
  }

  it("does not keep a job from being disabled once the grace time is over, nor from coming back", async () => {
    await setGrace(0);
    await client((object) => counts(object)?.disabled === 1 && isWell(object), "the job is disabled");
    expect(await job(MISSING)).toMatch(/^#@disabled: +\d{4}-/mu);
    await site.bacula.fleet("dc1-os1-proxy", fleet(30));
    await client((object) => counts(object)?.active === 30 && isWell(object), "all VMs are active");
    await until(
      () => show(MISSING),
      (text) => text.includes("Enabled=1"),
      "the Director has the job enabled",
    );
  });
});
