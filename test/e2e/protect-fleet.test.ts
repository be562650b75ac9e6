import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { countApiWrites, writesBetween } from "../support/e2e/api-writes.ts";
import { condition, type ManagedVm } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";
import { fileIdentities, readBaseDir } from "../support/e2e/tree.ts";

const ROCKY = "014c5892-5efb-4efb-bd60-4e038800475d";
const FLEET = `server=rocky9-instance1 uuid=${ROCKY}
server=db01 uuid=11111111-1111-4111-8111-111111111111 tag=Gold
server=app01 uuid=22222222-2222-4222-8222-222222222222 tag=NoSuchDefs
server=scratch uuid=33333333-3333-4333-8333-333333333333 backup=false
server=Büro Server 7 uuid=44444444-4444-4444-8444-444444444444
server=twin uuid=66666666-6666-4666-8666-666666666666
server=twin uuid=55555555-5555-4555-8555-555555555555
`;
const JOBS = [
  "HandWritten",
  "backup-dc1-os1-B_ro_Server_7-44444444",
  "backup-dc1-os1-app01",
  "backup-dc1-os1-db01",
  "backup-dc1-os1-rocky9-instance1",
  "backup-dc1-os1-twin",
  "backup-dc1-os1-twin-66666666",
];

/** Further clients that see the same fleet, so that 100 passes take no minutes. */
const OTHERS = [2, 3, 4, 5, 6, 7].map((number) => ({
  openstack: `openstack${number}`,
  client: `bacula-dc1-os${number}-fd`,
  jobPrefix: `backup-dc1-os${number}-`,
}));

let site: Site;
let operator: OperatorProcess;
beforeAll(async () => {
  site = await Site.open("e2e-fleet", ["bacula-dc1-os1-fd", ...OTHERS.map(({ client }) => client)]);
  await site.bacula.fleet("dc1-os1-proxy", FLEET);
  operator = await site.startOperator();
  await site.apply("dc1-os1");
  await until(
    () => site.client("dc1-os1"),
    (client) => condition(client, "Ready") === "True Succeeded",
    "the client is Ready",
  );
});
afterAll(() => site.close());

async function vmOf(uuid: string): Promise<ManagedVm> {
  const vm = (await site.managedVms()).find(({ spec }) => spec.uuid === uuid);
  if (vm === undefined) throw new Error(`no ManagedVM of ${uuid}`);
  return vm;
}

describe("kubectl apply of an OpenStackClient", () => {
  it("gives every VM that is not opted out its job in the Director, and nobody else's is lost", async () => {
    expect(await site.directorJobs()).toEqual(JOBS);
  });

  it("writes the white paper's files, byte for byte", async () => {
    const folder = join(site.bacula.baseDir, "datacenter1/openstack1/rocky9-instance1");
    const job = await readFile(join(folder, "job"), "utf8");
    expect(
      job.replace(/created: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/mu, "created: 2026-05-18 19:00:00"),
    ).toBe(`#@vm: rocky9-instance1
#@uuid:          ${ROCKY}
#@datacenter:    datacenter1
#@openstack:     openstack1
#@client:        bacula-dc1-os1-fd
#@status:        active
# Managed by bacula-openstack-sync | created: 2026-05-18 19:00:00

Job {
  Name       = "backup-dc1-os1-rocky9-instance1"
  JobDefs    = "DefaultJob"
  Client     = "bacula-dc1-os1-fd"
  FileSet    = "fs-datacenter1-openstack1-rocky9-instance1"
  Storage    = "File1"
  Pool       = "Default"
  Schedule   = "WeeklyCycle"
  Messages   = "Standard"
  Enabled    = yes
}
`);
    // DEDUP_ALGO is none here, because a community Director refuses the white paper's sha256.
    expect(await readFile(join(folder, "fileset"), "utf8")).toBe(`FileSet {
  Name = "fs-datacenter1-openstack1-rocky9-instance1"
  Include {
    Options {
      signature = SHA256
    }
    Plugin = "openstack: proxy_server=dc1-os1-proxy instance=${ROCKY}"
  }
}
`);
  });

  it("shows each VM as a ManagedVM, also one that is opted out", async () => {
    const vms = await site.managedVms("dc1-os1");
    const shown = vms.map(({ spec, status: { phase, jobName, jobDefs } }) => [spec.vmName, phase, jobName, jobDefs]);
    const byGlobal = { name: "DefaultJob", from: "Global" };
    expect(shown).toEqual([
      ["app01", "Active", "backup-dc1-os1-app01", byGlobal],
      ["Büro Server 7", "Active", "backup-dc1-os1-B_ro_Server_7-44444444", byGlobal],
      ["db01", "Active", "backup-dc1-os1-db01", { name: "Gold", from: "Tag" }],
      ["rocky9-instance1", "Active", "backup-dc1-os1-rocky9-instance1", byGlobal],
      ["scratch", "OptedOut", undefined, undefined],
      ["twin", "Active", "backup-dc1-os1-twin", byGlobal],
      ["twin", "Active", "backup-dc1-os1-twin-66666666", byGlobal],
    ]);
    expect(condition(await vmOf("22222222-2222-4222-8222-222222222222"), "PolicyAccepted")).toBe("False NotFound");
    expect(condition(await vmOf("11111111-1111-4111-8111-111111111111"), "PolicyAccepted")).toBe("True Accepted");
  });

  it("counts the VMs and shows every default that is in force", async () => {
    const { status, metadata } = await site.client("dc1-os1");
    expect(status.observedGeneration).toBe(metadata.generation);
    expect(status.counts).toEqual({
      live: 7,
      active: 6,
      missing: 0,
      disabled: 0,
      optedOut: 1,
      rejected: 0,
      held: 0,
      unprotected: 6,
    });
    expect(status.effective).toMatchObject({
      client: "bacula-dc1-os1-fd",
      jobDefs: "DefaultJob",
      dedup: "none",
      interval: "5m",
      graceDays: 14,
      maxMissing: { count: 10, percent: 20 },
      mode: "Enforce",
      deletionPolicy: "Retain",
    });
    expect(status.effective).not.toHaveProperty("cleanupAfterDays");
  });

  it("leaves jobs that the Director really runs, and shows the backup after a pass on request", async () => {
    expect(condition(await vmOf(ROCKY), "BackedUp")).toBe("False NeverRun");
    const output = await site.bacula.console('run job="backup-dc1-os1-rocky9-instance1" yes\nwait');
    const jobId = Number(/JobId=(\d+)/u.exec(output)?.[1]);
    expect(await site.bacula.console(`llist jobid=${jobId}`)).toMatch(/jobstatus: T\s/iu);

    const client = await site.pass("dc1-os1", "after-the-backup");
    expect(client.status.counts?.unprotected).toBe(5);
    const vm = await vmOf(ROCKY);
    expect(vm.status.lastBackup).toMatchObject({ jobId, level: "F", status: "T" });
    expect(vm.status.lastBackup?.bytes).toBeGreaterThan(0);
    expect(condition(vm, "BackedUp")).toBe("True GoodBackup");
    const table = await site.kubernetes.kubectl(["get", "mvm", "-n", "bacula"]);
    expect(table).toMatch(/^NAME\s+CLIENT\s+VM\s+PHASE\s+JOBDEFS\s+LAST-BACKUP\s+READY\s+AGE$/mu);
    expect(table).toMatch(/rocky9-instance1\s+dc1-os1\s+rocky9-instance1\s+Active\s+DefaultJob\s+\d+s\s+True/u);
  });

  it("protects a VM that is added", async () => {
    await site.bacula.fleet("dc1-os1-proxy", `${FLEET}server=web02 uuid=77777777-7777-4777-8777-777777777777\n`);
    const client = await site.pass("dc1-os1", "after-the-addition");
    expect(client.status.counts).toMatchObject({ live: 8, active: 7 });
    expect(await site.directorJobs()).toEqual([...JOBS, "backup-dc1-os1-web02"]);
    expect((await vmOf("77777777-7777-4777-8777-777777777777")).status).toMatchObject({
      phase: "Active",
      jobName: "backup-dc1-os1-web02",
    });
  });
});

describe("100 passes over a fleet in which nothing changes", () => {
  const PASSES = "bacula_openstack_sync_pass_duration_seconds_count";

  async function passes(): Promise<number> {
    return (await operator.metric(PASSES)) ?? 0;
  }

  async function reloads(): Promise<number | undefined> {
    return operator.metric('bacula_openstack_sync_director_reloads_total{outcome="reloaded"}');
  }

  it("write nothing but the clients' status, and neither touch a file nor reload the Director", async () => {
    await site.apply("dc1-os1", { interval: "1s" });
    for (const spec of OTHERS) await site.apply(spec.client, { ...spec, interval: "1s" });
    for (const { client } of OTHERS) {
      await until(
        () => site.client(client),
        (object) => condition(object, "Ready") === "True Succeeded",
        `${client} is Ready`,
      );
    }
    const settled = (await passes()) + 2 * (OTHERS.length + 1);
    await until(passes, (count) => count >= settled, "two more passes of each");

    const [files, bytes, vms, writes, reloaded, begin] = await Promise.all([
      fileIdentities(site.bacula.baseDir),
      readBaseDir(site.bacula.baseDir),
      site.managedVms(),
      countApiWrites(site.kubernetes),
      reloads(),
      passes(),
    ]);
    await until(passes, (count) => count >= begin + 101, "100 more passes", 90_000);
    const after = await countApiWrites(site.kubernetes);
    const made = (await passes()) - begin;

    const { "APPLY openstackclients/status": statusPatches = 0, ...rest } = writesBetween(writes, after);
    expect(rest).toEqual({});
    expect(statusPatches).toBeGreaterThan(0);
    expect(statusPatches).toBeLessThanOrEqual(made + OTHERS.length + 1);
    expect(await reloads()).toBe(reloaded);
    expect(await fileIdentities(site.bacula.baseDir)).toEqual(files);
    expect(await readBaseDir(site.bacula.baseDir)).toEqual(bytes);
    expect((await site.managedVms()).map(({ metadata }) => metadata.resourceVersion)).toEqual(
      vms.map(({ metadata }) => metadata.resourceVersion),
    );
  });
});
