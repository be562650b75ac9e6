import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition, type ManagedVm } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";

const vmLine = (n: number): string => `server=vm${n} uuid=${n}1111111-1111-4111-8111-111111111111\n`;
const fleetOf = (count: number): string => Array.from({ length: count }, (_, index) => vmLine(index + 1)).join("");

let site: Site;
beforeAll(async () => {
  site = await Site.open("e2e-api-outage");
  await site.bacula.fleet("dc1-os1-proxy", fleetOf(1));
});
afterAll(() => site.close());

async function whenReady(): Promise<void> {
  await until(
    () => site.client("dc1-os1"),
    (client) => condition(client, "Ready") === "True Succeeded",
    "Ready",
  );
}

async function whenProtected(n: number): Promise<void> {
  const name = `backup-dc1-os1-vm${n}`;
  await until(
    () => site.directorJobs(),
    (jobs) => jobs.includes(name),
    `the Director has ${name}`,
  );
}

async function whenShown(n: number): Promise<ManagedVm> {
  const name = `backup-dc1-os1-vm${n}`;
  const isShown = ({ metadata, status }: ManagedVm) => metadata.name === name && status.phase === "Active";
  const vms = await until(
    () => site.managedVms(),
    (objects) => objects.some(isShown),
    `ManagedVM ${name}`,
  );
  const vm = vms.find(isShown);
  if (vm === undefined) throw new Error(`${name} is gone again`);
  return vm;
}

/** The API server forgets what happened before, so that a watch from then is refused (410). */
async function forgetHistory(): Promise<void> {
  for (let change = 0; change < 3; change++) {
    await site.kubernetes.kubectl(["annotate", "--overwrite", "namespace", "bacula", `change=${change}`]);
  }
  await site.kubernetes.compactEtcd();
}

describe("an operator with a lease", () => {
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await site.startOperator({}, "leading");
    await site.apply("dc1-os1", { interval: "1s" });
    await whenReady();
  });
  afterAll(() => operator.stop());

  it("goes on in the same process when the API server is killed and restarted", async () => {
    const { pid } = operator;
    await site.kubernetes.killApiServer();
    await site.bacula.fleet("dc1-os1-proxy", fleetOf(2));
    await site.kubernetes.startApiServer();
    await whenProtected(2);
    await whenShown(2);
    await whenReady();
    expect(operator.pid).toBe(pid);
    expect(await operator.isAlive()).toBe(true);
    expect(await operator.metric("bacula_openstack_sync_leader")).toBe(1);
  });

  it("goes on when etcd is compacted under it", async () => {
    await forgetHistory();
    await site.bacula.fleet("dc1-os1-proxy", fleetOf(3));
    await whenProtected(3);
    await whenShown(3);
    expect(await operator.isAlive()).toBe(true);
  });
});

describe("a single operator, which needs no lease", () => {
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await site.startOperator({ LEADER_ELECT: "0" }, "single");
    // The status is still the other's: only what it counts itself tells that it has seen its resources.
    await until(
      () => operator.metric("bacula_openstack_sync_pass_duration_seconds_count"),
      (passes = 0) => passes > 0,
      "it has made a pass",
    );
    await whenReady();
  });
  afterAll(() => operator.stop());

  it("protects a VM in the Director while there is no API server, and shows it afterwards", async () => {
    const before = await site.managedVms();
    await site.kubernetes.killApiServer();
    await site.bacula.fleet("dc1-os1-proxy", fleetOf(4));
    await whenProtected(4);
    await site.kubernetes.startApiServer();
    await forgetHistory();
    await whenShown(4);
    await whenReady();
    expect(await operator.isAlive()).toBe(true);
    const still = (await site.managedVms()).filter(({ metadata }) =>
      before.some((vm) => vm.metadata.uid === metadata.uid),
    );
    expect(still).toHaveLength(before.length);
  });

  it("hears of changes again: a person's words reach the headers", async () => {
    const words = '{"spec":{"hold":{"reason":"after the outage"}}}';
    await site.kubernetes.kubectl(["patch", "mvm", "backup-dc1-os1-vm1", "-n", "bacula", "--type=merge", "-p", words]);
    const seen = await until(
      () => site.managedVms(),
      (vms) => vms.every(({ metadata, status }) => status.observedGeneration === metadata.generation),
      "all generations are observed",
      // A watch that failed through the whole outage tries again after up to 30 s, as client-go's does.
      60_000,
    );
    expect(seen.find(({ spec }) => spec.hold !== undefined)?.spec.hold).toEqual({ reason: "after the outage" });
  });
});
