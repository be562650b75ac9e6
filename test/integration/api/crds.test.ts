import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";
import { customResourceDefinitions } from "../../../src/api/crd.ts";
import { compareCrd } from "../../../src/api/crd-check.ts";
import { API_VERSION } from "../../../src/api/group.ts";

const folder = join(import.meta.dirname, "../../../crds");
const uuid = "014c5892-5efb-4efb-bd60-4e038800475d";
const least = {
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "bacula-dc1-os1-fd",
  proxyServer: "dc1-os1-proxy",
  jobPrefix: "backup-dc1-os1-",
};
const client = (spec: object, name = "dc1-os1") =>
  JSON.stringify({ apiVersion: API_VERSION, kind: "OpenStackClient", metadata: { name, namespace: "default" }, spec });
const vm = (spec: object, name = "web01") =>
  JSON.stringify({
    apiVersion: API_VERSION,
    kind: "ManagedVM",
    metadata: { name, namespace: "default" },
    spec: { clientRef: { name: "dc1-os1" }, uuid, vmName: "web01", ...spec },
  });

let bed: KubeBed;
beforeAll(async () => {
  bed = await startKubeBed({ name: "test-api" });
});
afterAll(async () => {
  await bed.wipe();
});

/** Stdout of kubectl; the message of a refusal when it is refused. */
async function tryKubectl(args: readonly string[], stdin = ""): Promise<string> {
  try {
    return await bed.kubectl(args, stdin);
  } catch (error) {
    return error instanceof Error ? `refused: ${error.message}` : "refused";
  }
}
const apply = (manifest: string) => tryKubectl(["apply", "--warnings-as-errors", "-f", "-"], manifest);
const patchSpec = (resource: string, spec: object) =>
  tryKubectl(["patch", resource, "--type=merge", "--patch", JSON.stringify({ spec })]);
const writeStatus = (resource: string, status: object) =>
  bed.kubectl(["patch", resource, "--subresource=status", "--type=merge", "--patch", JSON.stringify({ status })]);

describe("the CRDs", () => {
  it("are applied without a warning and become established", async () => {
    const applied = await bed.kubectl(["apply", "--warnings-as-errors", "-f", folder]);
    expect(applied.match(/ created$/gmu)).toHaveLength(2);
    await bed.kubectl(["wait", "--for=condition=Established", "--timeout=30s", "-f", folder]);
    const conditions = await bed.kubectl(["get", "-f", folder, "-o", "jsonpath={.items[*].status.conditions[*].type}"]);
    expect(conditions).not.toContain("NonStructuralSchema");
  });

  it("applied again change nothing", async () => {
    const applied = await bed.kubectl(["apply", "-f", folder]);
    expect(applied.match(/ unchanged$/gmu)).toHaveLength(2);
  });

  it.each(customResourceDefinitions())(
    "$metadata.name as installed is what the check at start expects",
    async (crd) => {
      const installed = JSON.parse(await bed.kubectl(["get", "crd", crd.metadata.name, "-o", "json"]));
      expect(compareCrd(installed, crd)).toEqual({ missing: [], different: [] });
    },
  );

  it.each(["openstackclients", "managedvms"])("kubectl explain has words for every field of %s", async (plural) => {
    const kind = plural === "managedvms" ? "ManagedVM" : "OpenStackClient";
    // The API server publishes the schemas of a new CRD some time after it is established.
    const schema = await vi.waitFor(() => publishedSchema(kind), { timeout: 60_000, interval: 250 });
    const paths = fieldsOf(schema, "").filter(({ path }) => /^\.(spec|status)/u.test(path));
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.filter(({ description }) => description === undefined || description === "")).toEqual([]);
    // And lists the new kinds, which it does by another way, perhaps later still.
    const explained = await vi.waitFor(() => bed.kubectl(["explain", `${plural}.spec`]), {
      timeout: 60_000,
      interval: 250,
    });
    expect(explained).toContain("DESCRIPTION:");
    expect(explained).not.toContain("<no description>");
  });
});

const schemas = z.object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) });
async function publishedSchema(kind: string): Promise<unknown> {
  const openApi = schemas.parse(JSON.parse(await bed.kubectl(["get", "--raw", `/openapi/v3/apis/${API_VERSION}`])));
  const schema = openApi.components.schemas[`io.bacula-openstack-sync.v1alpha1.${kind}`];
  if (schema === undefined) throw new Error(`the API server has not published the schema of ${kind} yet`);
  return schema;
}

const node = z.object({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

function fieldsOf(schema: unknown, path: string): readonly { path: string; description?: string | undefined }[] {
  const { description, properties = {}, items } = node.parse(schema);
  const inner = Object.entries(properties).flatMap(([name, property]) => fieldsOf(property, `${path}.${name}`));
  return [{ path, description }, ...inner, ...(items === undefined ? [] : fieldsOf(items, `${path}[]`))];
}

describe("an OpenStackClient", () => {
  beforeEach(async () => {
    await bed.kubectl(["delete", "osc", "--all", "--wait=true"]);
    await bed.kubectl(["apply", "-f", "-"], client(least));
  });

  it("gets back what it was, without fields that were left out", async () => {
    const stored = z
      .object({ spec: z.unknown() })
      .parse(JSON.parse(await bed.kubectl(["get", "osc/dc1-os1", "-o", "json"])));
    expect(stored.spec).toEqual(least);
  });

  it("may have every optional field", async () => {
    const all = {
      jobDefs: "Linux VM",
      allowedJobDefs: ["mysql-consistent", "Gold*"],
      storage: "",
      pool: "Default",
      schedule: "",
      messages: "Standard",
      dedup: "",
      signature: "SHA256",
      plugin: { name: "openstack", selector: "instance", options: "verbose=1" },
      interval: "1h30m",
      graceDays: 0.5,
      cleanupAfterDays: 0.1,
      maxMissing: { count: 10, percent: 20 },
      maxBackupAge: "36h",
      allowEmpty: false,
      optOutAction: "Leave",
      firstBackup: "Scheduled",
      healMissingFiles: true,
      mode: "Enforce",
      suspend: false,
      deletionPolicy: "Retain",
    };
    expect(await apply(client({ ...least, ...all }))).toContain("configured");
  });

  it.each([
    ["datacenter", "datacenter is immutable"],
    ["openstack", "openstack is immutable"],
    ["client", "client is immutable"],
    ["jobPrefix", "jobPrefix is immutable"],
  ])("never changes its %s", async (field, message) => {
    expect(await patchSpec("osc/dc1-os1", { [field]: "another" })).toContain(message);
  });
  it("may change its proxy", async () => {
    expect(await patchSpec("osc/dc1-os1", { proxyServer: "proxy2" })).toContain("patched");
  });

  it.each<[object, string]>([
    [{ cleanupAfterDays: 0 }, "cleanupAfterDays is more than 0, such as 90 or 0.5: 0 may be meant as never"],
    [{ cleanupAfterDays: -1 }, "should be greater than or equal to 0"],
    [{ graceDays: -0.5 }, "should be greater than or equal to 0"],
    [{ graceDays: "14" }, "must be of type number"],
    [{ interval: "0s" }, "interval is from 1s to 168h"],
    [{ interval: "169h" }, "interval is from 1s to 168h"],
    [{ interval: "5 minutes" }, "spec.interval in body should match"],
    [{ interval: 300 }, "must be of type string"],
    [{ maxBackupAge: "0h" }, "maxBackupAge is more than 0s"],
    [{ maxMissing: { count: 1.5 } }, "must be of type integer"],
    [{ maxMissing: { percent: 101 } }, "should be less than or equal to 100"],
    [{ optOutAction: "Delete" }, 'supported values: "Leave", "Disable"'],
    [{ mode: "enforce" }, 'supported values: "Enforce", "DryRun"'],
    [{ jobDefs: "" }, "should be at least 1 chars long"],
    [{ jobDefs: 'a" Enabled = no' }, "spec.jobDefs in body should match"],
    [{ storage: "a\nb" }, "spec.storage in body should match"],
    [{ pool: "p".repeat(128) }, "may not be more than 127"],
    [{ plugin: { options: 'a" }' } }, "spec.plugin.options in body should match"],
    [{ plugin: { selector: "" } }, "should be at least 1 chars long"],
    [{ allowedJobDefs: Array.from({ length: 65 }, () => "a") }, "must have at most 64 items"],
    [{ graceDay: 14 }, 'unknown field "spec.graceDay"'],
  ])("with %j is refused", async (change, message) => {
    const answer = await apply(client({ ...least, ...change }, "other"));
    expect(answer).toContain("refused");
    expect(answer).toContain(message);
  });

  it.each([
    ["datacenter", "..", "should match"],
    ["datacenter", ".bacula-openstack-sync", "should match"],
    ["datacenter", "include.conf", "BASE_DIR has files of these names"],
    ["openstack", "a/b", "should match"],
    ["openstack", "o".repeat(60), "at most 60 characters"],
    ["client", "a b\tc", "should match"],
    ["jobPrefix", "p".repeat(61), "may not be more than 60"],
    ["proxyServer", "proxy instance=x", "should match"],
  ])("with %s %j is refused", async (field, value, message) => {
    const answer = await apply(client({ ...least, [field]: value }, "other"));
    expect(answer).toContain("refused");
    expect(answer).toContain(message);
  });
  it.each(Object.keys(least))("without %s is refused", async (field) => {
    const { [field]: _, ...rest }: Record<string, string> = least;
    expect(await apply(client(rest, "other"))).toContain(`spec.${field}: Required value`);
  });

  it("shows its columns", async () => {
    await writeStatus("osc/dc1-os1", {
      counts: { live: 12, active: 11, missing: 1, disabled: 0, optedOut: 1, rejected: 0, held: 0, unprotected: 2 },
      lastDiscoveryTime: "2026-01-01T00:00:00Z",
      conditions: [readyCondition],
    });
    const [head = "", row = ""] = (await bed.kubectl(["get", "osc"])).split("\n");
    expect(head.split(/ {2,}/u)).toEqual(
      "NAME CLIENT PROXY VMS MISSING UNPROTECTED READY LAST-DISCOVERY AGE".split(" "),
    );
    expect(row).toMatch(/^dc1-os1 +bacula-dc1-os1-fd +dc1-os1-proxy +12 +1 +2 +True +\d+d +\d+s$/u);
  });

  it("keeps its generation when its status is written", async () => {
    await writeStatus("osc/dc1-os1", { lastHandledRequest: "1" });
    expect(await bed.kubectl(["get", "osc/dc1-os1", "-o", "jsonpath={.metadata.generation}"])).toBe("1");
  });
  it("shows by `status.effective` what is no spec: a change of it is no change of the spec", async () => {
    await writeStatus("osc/dc1-os1", { effective: least });
    await writeStatus("osc/dc1-os1", { effective: { ...least, client: "another" } });
    expect(await bed.kubectl(["get", "osc/dc1-os1", "-o", "jsonpath={.spec.client}"])).toBe("bacula-dc1-os1-fd");
  });
});

const readyCondition = {
  type: "Ready",
  status: "True",
  reason: "Succeeded",
  message: "all is well",
  lastTransitionTime: "2026-01-01T00:00:00Z",
};

describe("a ManagedVM", () => {
  beforeEach(async () => {
    await bed.kubectl(["delete", "mvm", "--all", "--wait=true"]);
    await bed.kubectl(["apply", "-f", "-"], vm({}));
  });

  it.each<[object, string]>([
    [{ uuid: "014c5892-5efb-4efb-bd60-4e038800475e" }, "uuid is immutable"],
    [{ clientRef: { name: "other" } }, "clientRef is immutable"],
    [{ hold: {} }, "spec.hold.reason: Required value"],
    [{ hold: { reason: "" } }, "should be at least 1 chars long"],
    [{ hold: { reason: "   " } }, "should match"],
    [{ hold: { reason: "a\nJob {" } }, "should match"],
    [{ suspend: { reason: "x".repeat(257) } }, "may not be more than 256"],
    [{ jobDefs: 'Gold"' }, "should match"],
  ])("changed to %j is refused", async (change, message) => {
    expect(await patchSpec("mvm/web01", change)).toContain(message);
  });
  it.each(["014C5892-5EFB-4EFB-BD60-4E038800475D", "014c5892", ""])("of the uuid %j is refused", async (wrong) => {
    expect(await apply(vm({ uuid: wrong }, "other"))).toContain("spec.uuid in body should");
  });
  it("takes a person's wishes in any script", async () => {
    const answer = await patchSpec("mvm/web01", {
      hold: { reason: "Rechtsfall 12, später prüfen 検査" },
      jobDefs: "Gold",
    });
    expect(answer).toContain("patched");
  });

  it("is found by its client, its uuid and its phase", async () => {
    await apply(vm({ uuid: "11111111-5efb-4efb-bd60-4e038800475d", clientRef: { name: "other" } }, "db01"));
    await writeStatus("mvm/db01", { phase: "Missing" });
    const found = async (selector: string) =>
      (await bed.kubectl(["get", "mvm", "-o", "name", "--field-selector", selector])).split("\n");
    expect(await found("spec.clientRef.name=dc1-os1")).toEqual(["managedvm.bacula-openstack-sync.io/web01"]);
    expect(await found(`spec.uuid=${uuid}`)).toEqual(["managedvm.bacula-openstack-sync.io/web01"]);
    expect(await found("status.phase=Missing")).toEqual(["managedvm.bacula-openstack-sync.io/db01"]);
  });

  it("shows its columns, and more of them when asked", async () => {
    await writeStatus("mvm/web01", {
      phase: "Missing",
      jobDefs: { name: "Gold", from: "Person" },
      lastBackup: { jobId: 7, level: "F", status: "T", endTime: "2026-01-01T00:00:00Z", bytes: 76 },
      missingSince: "2026-01-01T00:00:00Z",
      disableAt: "2999-01-01T00:00:00Z",
      purgeAt: "2999-06-01T00:00:00Z",
      conditions: [readyCondition],
    });
    const [head = "", row = ""] = (await bed.kubectl(["get", "mvm"])).split("\n");
    expect(head.split(/ {2,}/u)).toEqual("NAME CLIENT VM PHASE JOBDEFS LAST-BACKUP READY AGE".split(" "));
    expect(row).toMatch(/^web01 +dc1-os1 +web01 +Missing +Gold +\d+d +True +\d+s$/u);
    const [wideHead = "", wideRow = ""] = (await bed.kubectl(["get", "mvm", "-o", "wide"])).split("\n");
    expect(wideHead.split(/ {2,}/u).slice(8)).toEqual("UUID MISSING-SINCE DISABLE-AT PURGE-AT MESSAGE".split(" "));
    expect(wideRow).toMatch(/2999-01-01T00:00:00Z +2999-06-01T00:00:00Z +all is well$/u);
  });

  it("is listed with the clients as one family", async () => {
    await apply(client(least));
    const names = await bed.kubectl(["get", "bacula", "-o", "name"]);
    expect(names.split("\n").toSorted()).toEqual([
      "managedvm.bacula-openstack-sync.io/web01",
      "openstackclient.bacula-openstack-sync.io/dc1-os1",
    ]);
  });
});
