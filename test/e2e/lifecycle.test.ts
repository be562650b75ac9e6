import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approvalToken } from "../../src/domain/lifecycle/judge-shrinking.ts";
import { condition, type OpenStackClient } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";

const uuid = (n: number) => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;
const fleet = (count: number) => Array.from({ length: count }, (_, n) => `server=vm${n} uuid=${uuid(n)}\n`).join("");
/** Grace of about 9 seconds. */
const GRACE_DAYS = 0.0001;

let site: Site;
beforeAll(async () => {
  site = await Site.open("e2e-lifecycle");
  await site.bacula.fleet("dc1-os1-proxy", fleet(30));
  await site.startOperator();
  await site.apply("dc1-os1", { interval: "1s", graceDays: GRACE_DAYS });
  await client((object) => condition(object, "Ready") === "True Succeeded", "the client is Ready");
});
afterAll(() => site.close());

function client(isAsWanted: (object: OpenStackClient) => boolean, what: string) {
  return until(() => site.client("dc1-os1"), isAsWanted, what);
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

describe("what is no absence", () => {
  it.each([
    ["an FD without the plugin", () => site.bacula.restartFd({ plugins: "none" })],
    ["a plugin that answers nothing", () => site.bacula.fleet("dc1-os1-proxy", "")],
    ["a plugin that fails", () => site.bacula.fleet("dc1-os1-proxy", "#error\n")],
  ])("%s, for longer than the grace time", async (_case, spoil) => {
    await spoil();
    await client((object) => condition(object, "Discovered")?.startsWith("False") === true, "discovery fails");
    await new Promise((resolve) => setTimeout(resolve, GRACE_DAYS * 86_400_000 + 3_000));
    expect(await job("vm29")).not.toContain("missing-since");
    await site.bacula.fleet("dc1-os1-proxy", fleet(30));
    await site.bacula.restartFd();
    const well = await client((object) => condition(object, "Discovered") === "True Listed", "discovery works again");
    expect(counts(well)).toMatchObject({ missing: 0, disabled: 0 });
  });
});
