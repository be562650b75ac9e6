import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { condition, type ManagedVm, withoutVersions } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";
import { readBaseDir } from "../support/e2e/tree.ts";

const FLEET = [1, 2, 3, 4, 5].map((n) => `server=web0${n} uuid=${n}1111111-1111-4111-8111-111111111111\n`).join("");
const OBJECT = "backup-dc1-os1-web01";

let site: Site;
beforeAll(async () => {
  site = await Site.open("e2e-managed-vm");
  await site.bacula.fleet("dc1-os1-proxy", FLEET);
  await site.startOperator();
  // An hour: whatever happens below follows from events of ManagedVMs or from a request, not from the next pass.
  await site.apply("dc1-os1", { interval: "1h" });
  await until(
    () => site.client("dc1-os1"),
    (client) => condition(client, "Ready") === "True Succeeded",
    "the client is Ready",
  );
});
afterAll(() => site.close());

async function vm(name = OBJECT): Promise<ManagedVm> {
  const found = (await site.managedVms()).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ManagedVM ${name}`);
  return found;
}

async function job(slug = "web01"): Promise<string> {
  return readFile(join(site.bacula.baseDir, "datacenter1/openstack1", slug, "job"), "utf8");
}

async function headers(slug = "web01"): Promise<readonly string[]> {
  return (await job(slug)).split("\n").filter((line) => /^#@(?:hold|suspend|jobdefs):/u.test(line));
}

async function patch(spec: Readonly<Record<string, unknown>>): Promise<void> {
  const body = JSON.stringify({ spec });
  await site.kubernetes.kubectl(["patch", "mvm", OBJECT, "-n", "bacula", "--type=merge", "-p", body]);
}

const seen = ({ metadata, status }: ManagedVm): boolean => status.observedGeneration === metadata.generation;

describe("a person's fields of a ManagedVM", () => {
  it("go to the headers of the job file, and JobDefs to its directive and the Director", async () => {
    await patch({ jobDefs: "Gold", hold: { reason: "legal case 7" } });
    const shown = await until(
      vm,
      (object) => seen(object) && object.status.jobDefs?.name === "Gold",
      "the status shows the wish",
    );
    expect(shown.status.jobDefs).toEqual({ name: "Gold", from: "Person" });
    expect(condition(shown, "Published")).toBe("True Published");
    expect(await headers()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^#@hold:\s+legal case 7$/u),
        expect.stringMatching(/^#@jobdefs:\s+Gold$/u),
      ]),
    );
    expect(await job()).toContain('JobDefs    = "Gold"');
    expect(await site.bacula.console("show job=backup-dc1-os1-web01")).toContain("level=Full");
  });

  it("suspend: changes of policy no longer reach the job, and it is shown as paused", async () => {
    await patch({ suspend: { reason: "migration" } });
    const paused = await until(vm, (object) => condition(object, "Paused") !== undefined, "Paused");
    expect(condition(paused, "Paused")).toBe("True Suspended");
    expect(await headers()).toContainEqual(expect.stringMatching(/^#@suspend:\s+migration$/u));
    const before = await job();
    await site.apply("dc1-os1", { interval: "1h", pool: "GoldPool" });
    await until(
      () => job("web02"),
      (text) => text.includes('"GoldPool"'),
      "the others follow the policy",
    );
    expect(await job()).toBe(before);
    await site.apply("dc1-os1", { interval: "1h" });
    await until(
      () => job("web02"),
      (text) => !text.includes('"GoldPool"'),
      "the others follow the policy back",
    );
  });

  it("come back from the headers when the object is deleted", async () => {
    const before = await vm();
    await site.kubernetes.kubectl(["delete", "mvm", OBJECT, "-n", "bacula"]);
    const after = await until(
      vm,
      (object) => object.metadata.uid !== before.metadata.uid && seen(object),
      "it is made anew",
    );
    expect(after.spec).toMatchObject({
      jobDefs: "Gold",
      hold: { reason: "legal case 7" },
      suspend: { reason: "migration" },
    });
    expect(withoutVersions(after)).toEqual(withoutVersions(before));
  });

  it("come back the same when all objects are deleted, and no file is touched", async () => {
    const before = await site.managedVms();
    const files = await readBaseDir(site.bacula.baseDir);
    await site.kubernetes.kubectl(["delete", "mvm", "--all", "-n", "bacula"]);
    const after = await until(
      () => site.managedVms(),
      (objects) => objects.length === before.length && objects.every(seen),
      "all are made anew",
    );
    expect(after.map(({ metadata }) => metadata.uid)).not.toEqual(before.map(({ metadata }) => metadata.uid));
    expect(after.map(withoutVersions)).toEqual(before.map(withoutVersions));
    expect(await readBaseDir(site.bacula.baseDir)).toEqual(files);
  });

  it("taken away, take their headers away", async () => {
    await patch({ jobDefs: null, hold: null, suspend: null });
    await until(headers, (lines) => lines.length === 0, "the headers are gone");
    const shown = await until(vm, (object) => seen(object) && condition(object, "Paused") === undefined, "not paused");
    expect(shown.status.jobDefs).toEqual({ name: "DefaultJob", from: "Global" });
    expect(await job()).toContain('JobDefs    = "DefaultJob"');
  });
});

describe("a job file changed by hand", () => {
  it("shows in the spec: the headers are the truth", async () => {
    const file = join(site.bacula.baseDir, "datacenter1/openstack1/web01/job");
    execFileSync("sed", ["-i", "s/^#@status:.*/&\\n#@hold:  held by hand/", file]);
    await site.pass("dc1-os1", "after-sed");
    const shown = await vm();
    expect(shown.spec.hold).toEqual({ reason: "held by hand" });
    expect(seen(shown)).toBe(true);
    expect(await headers()).toEqual(["#@hold:  held by hand"]);
  });

  it("and taken back by hand, goes from the spec", async () => {
    const file = join(site.bacula.baseDir, "datacenter1/openstack1/web01/job");
    execFileSync("sed", ["-i", "/^#@hold:/d", file]);
    await site.pass("dc1-os1", "after-second-sed");
    expect((await vm()).spec).not.toHaveProperty("hold");
    expect(await headers()).toEqual([]);
  });
});

describe("a ManagedVM that somebody else changes", () => {
  it("gets its status back, without a pass of the interval", async () => {
    const before = await vm();
    const body = '{"status":{"phase":"Disabled","jobName":"nonsense","conditions":[]}}';
    await site.kubernetes.kubectl([
      "patch",
      "mvm",
      OBJECT,
      "-n",
      "bacula",
      "--subresource=status",
      "--type=merge",
      "-p",
      body,
    ]);
    const after = await until(vm, (object) => object.status.phase === "Active", "the status is mended");
    expect(withoutVersions(after)).toEqual(withoutVersions(before));
  });

  it("gets its display name back, and no file follows the foreign word", async () => {
    const files = await readBaseDir(site.bacula.baseDir);
    await patch({ vmName: "somebody-elses-name" });
    await until(vm, ({ spec }) => spec.vmName === "web01", "the name is mended");
    expect(await readBaseDir(site.bacula.baseDir)).toEqual(files);
  });
});
