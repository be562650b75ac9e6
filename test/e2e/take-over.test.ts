import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANNOTATIONS } from "../../src/api/group.ts";
import { condition, message } from "../support/e2e/kube-objects.ts";
import { Site, SPEC, until } from "../support/e2e/site.ts";

const uuid = (n: number) => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;
const fleet = (count: number) => Array.from({ length: count }, (_, n) => `server=vm${n} uuid=${uuid(n)}\n`).join("");

let site: Site;
beforeAll(async () => {
  site = await Site.open("e2e-take-over");
  await site.bacula.fleet(SPEC.proxyServer, fleet(3));
  await site.startOperator();
  await site.apply("before", { interval: "1h" });
  await site.pass("before", "first");
  await site.remove("before");
});
afterAll(() => site.close());

async function poolOf(slug: string): Promise<string | undefined> {
  const job = await readFile(join(site.bacula.baseDir, "datacenter1/openstack1", slug, "job"), "utf8");
  return /Pool += "(.*)"/u.exec(job)?.[1];
}
const takeOver = (value: string) =>
  site.kubernetes.kubectl([
    "annotate",
    "--overwrite",
    "osc",
    "after",
    "-n",
    "bacula",
    `${ANNOTATIONS.takeOver}=${value}`,
  ]);
const events = () => site.kubernetes.kubectl(["get", "events", "-n", "bacula", "-o", "jsonpath={.items[*].reason}"]);

describe("an OpenStackClient after another one with another policy", () => {
  it("changes no existing file, protects new VMs, and says who was there before", async () => {
    await site.apply("after", { interval: "1h", pool: "GoldPool" });
    await site.bacula.fleet(SPEC.proxyServer, fleet(4));
    const held = await site.pass("after", "second");
    expect(condition(held, "Stalled")).toBe("True OtherFrontEnd");
    expect(condition(held, "Ready")).toBe("False OtherFrontEnd");
    expect(message(held, "Stalled")).toContain('"operator bacula/before" applied another policy');
    expect(await Promise.all(["vm0", "vm3"].map(poolOf))).toEqual(["Default", "GoldPool"]);
    expect(await site.directorJobs()).toContain("backup-dc1-os1-vm3");
    await until(events, (reasons) => reasons.split(" ").includes("OtherFrontEnd"), "the event of the hold");
  });

  it("ignores a take-over that does not name the client, and says so", async () => {
    await takeOver("true");
    const held = await site.pass("after", "third");
    expect(condition(held, "Stalled")).toBe("True OtherFrontEnd");
    expect(message(held, "Stalled")).toContain('the annotation take-over is "true" and is ignored');
    expect(await poolOf("vm0")).toBe("Default");
  });

  it("takes over when the annotation names the client, once", async () => {
    await takeOver(SPEC.client);
    const taken = await site.pass("after", "fourth");
    expect(condition(taken, "Ready")).toBe("True Succeeded");
    expect(condition(taken, "Stalled")).toBeUndefined();
    expect(taken.status.lastTakeOver).toBe(SPEC.client);
    expect(await Promise.all(["vm0", "vm3"].map(poolOf))).toEqual(["GoldPool", "GoldPool"]);
    expect(await site.bacula.console("show job=backup-dc1-os1-vm0\n")).toContain("GoldPool");
    await until(events, (reasons) => reasons.split(" ").includes("TookOver"), "the event of the take-over");

    await site.pass("after", "fifth");
    const told = (await events()).split(" ").filter((reason) => reason === "TookOver");
    expect(told).toHaveLength(1);
    await site.kubernetes.kubectl(["annotate", "osc", "after", "-n", "bacula", `${ANNOTATIONS.takeOver}-`]);
    expect((await site.pass("after", "sixth")).status.lastTakeOver).toBeUndefined();
  });
});
