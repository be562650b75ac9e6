import { afterAll, beforeAll, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";

const LEADER = "bacula_openstack_sync_leader";
const PASSES = "bacula_openstack_sync_pass_duration_seconds_count";
const vmLine = (n: number): string => `server=vm${n} uuid=${n}1111111-1111-4111-8111-111111111111\n`;

let site: Site;
let first: OperatorProcess;
let second: OperatorProcess;
beforeAll(async () => {
  site = await Site.open("e2e-two-operators");
  await site.bacula.fleet("dc1-os1-proxy", vmLine(1));
  first = await site.startOperator({}, "first");
  await until(
    () => first.metric(LEADER),
    (leads) => leads === 1,
    "the first leads",
  );
  second = await site.startOperator({}, "second");
  await site.apply("dc1-os1", { interval: "1s" });
  await until(
    () => site.client("dc1-os1"),
    (client) => condition(client, "Ready") === "True Succeeded",
    "Ready",
  );
});
afterAll(() => site.close());

async function isProtected(n: number): Promise<boolean> {
  return (await site.directorJobs()).includes(`backup-dc1-os1-vm${n}`);
}

it("one of two acts; the other is ready and does nothing", async () => {
  await until(
    () => second.isReady(),
    (ready) => ready,
    "the second's caches are complete",
  );
  const begin = (await first.metric(PASSES)) ?? 0;
  await until(
    () => first.metric(PASSES),
    (passes = 0) => passes >= begin + 3,
    "the first makes passes",
  );
  expect(await first.metric(LEADER)).toBe(1);
  expect(await second.metric(LEADER)).toBe(0);
  expect(await second.metric(PASSES)).toBe(0);
});

it("after a kill -9 the other takes over within 20 s and protects what came meanwhile", async () => {
  await first.kill("SIGKILL");
  const killed = performance.now();
  await site.bacula.fleet("dc1-os1-proxy", vmLine(1) + vmLine(2));
  await until(
    () => second.metric(LEADER),
    (leads) => leads === 1,
    "the second leads",
    20_000,
  );
  expect(performance.now() - killed).toBeLessThan(20_000);
  await until(
    () => isProtected(2),
    (known) => known,
    "the new VM is protected",
  );
});

it("a graceful stop hands over at once", async () => {
  const third = await site.startOperator({}, "third");
  await until(
    () => third.isReady(),
    (ready) => ready,
    "the third is ready",
  );
  expect(await third.metric(LEADER)).toBe(0);
  // A console runs while it is told to stop: that must not cost the order of its end either.
  await site.bacula.fleet("dc1-os1-proxy", `#sleep 3\n${vmLine(1)}${vmLine(2)}`);
  const begin = (await second.metric(PASSES)) ?? 0;
  await until(
    () => second.metric(PASSES),
    (passes = 0) => passes > begin,
    "a pass before the slow one",
  );
  await new Promise((resolve) => setTimeout(resolve, 1_800));
  await second.stop();
  // Its lease would last 15 s; released, the other sees it free when it looks again, every 2 s.
  await until(
    () => third.metric(LEADER),
    (leads) => leads === 1,
    "the third leads",
    5_000,
  );
  await site.bacula.fleet("dc1-os1-proxy", vmLine(1) + vmLine(2) + vmLine(3));
  await until(
    () => isProtected(3),
    (known) => known,
    "the new VM is protected",
  );
});
