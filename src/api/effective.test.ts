import { describe, expect, it } from "vitest";
import { parseSettings, type Settings } from "../settings/settings.ts";
import { SETTINGS } from "../settings/variables.ts";
import { toClientPolicy, toEffectiveSpec } from "./effective.ts";
import { type OpenStackClientSpec, openStackClientSpec, openStackClientStatus } from "./open-stack-client.ts";

function settingsOf(env: Record<string, string>): Settings {
  const parsed = parseSettings(env, "operator");
  if (parsed.kind === "invalid") throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}

const least: OpenStackClientSpec = {
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "bacula-dc1-os1-fd",
  proxyServer: "dc1-os1-proxy",
  jobPrefix: "backup-dc1-os1-",
};
const all: OpenStackClientSpec = {
  ...least,
  jobDefs: "LinuxVMJob",
  allowedJobDefs: ["mysql-consistent", "Gold*"],
  storage: "",
  pool: "Pool2",
  schedule: "Daily",
  messages: "",
  dedup: "none",
  signature: "",
  plugin: { name: "os2", selector: "server", options: "verbose=1" },
  interval: "1m30s",
  graceDays: 0.5,
  cleanupAfterDays: 90,
  maxMissing: { count: 1, percent: 2 },
  maxBackupAge: "36h",
  allowEmpty: true,
  optOutAction: "Disable",
  firstBackup: "Immediate",
  healMissingFiles: false,
  mode: "DryRun",
  suspend: true,
  deletionPolicy: "Delete",
};

describe("the policy of an OpenStackClient", () => {
  it("is its spec, where it says something", () => {
    expect(toEffectiveSpec(toClientPolicy(all, settingsOf({})))).toEqual(all);
    expect(toClientPolicy(all, settingsOf({})).jobDefs).toEqual({ name: "LinuxVMJob", from: "Client" });
  });
  it("is the settings, where the spec says nothing", () => {
    expect(toEffectiveSpec(toClientPolicy(least, settingsOf({})))).toEqual({
      ...least,
      jobDefs: "DefaultJob",
      storage: "File1",
      pool: "Default",
      schedule: "WeeklyCycle",
      messages: "Standard",
      dedup: "sha256",
      signature: "SHA256",
      plugin: { name: "openstack", selector: "instance", options: "" },
      interval: "5m",
      graceDays: 14,
      maxMissing: { count: 10, percent: 20 },
      allowEmpty: false,
      optOutAction: "Leave",
      firstBackup: "Scheduled",
      healMissingFiles: true,
      mode: "Enforce",
      suspend: false,
      deletionPolicy: "Retain",
    });
    expect(toClientPolicy(least, settingsOf({})).jobDefs).toEqual({ name: "DefaultJob", from: "Global" });
  });
  it("takes each part of plugin and maxMissing by itself", () => {
    const policy = toClientPolicy({ ...least, plugin: { options: "a=1" }, maxMissing: { count: 3 } }, settingsOf({}));
    expect(policy.plugin).toEqual({ name: "openstack", selector: "instance", options: "a=1" });
    expect(policy.maxMissing).toEqual({ count: 3, percent: 20 });
  });
  it("has what the settings say of purges and ages", () => {
    const settings = settingsOf({ CLEANUP_AFTER_DAYS: "30", MAX_BACKUP_AGE: "48h", ALLOWED_JOBDEFS: "A* B" });
    expect(toEffectiveSpec(toClientPolicy(least, settings))).toMatchObject({
      cleanupAfterDays: 30,
      maxBackupAge: "48h",
      allowedJobDefs: ["A*", "B"],
    });
  });
  it("an empty list of allowed JobDefs allows none, also where the settings allow some", () => {
    const policy = toClientPolicy({ ...least, allowedJobDefs: [] }, settingsOf({ ALLOWED_JOBDEFS: "A" }));
    expect(policy.allowedJobDefs).toEqual([]);
  });
  it("is a dry run for all with DRYRUN=1", () => {
    expect(toClientPolicy({ ...least, mode: "Enforce" }, settingsOf({ DRYRUN: "1" })).mode).toBe("DryRun");
  });
  it("in its wire form is what the schema of the status takes", () => {
    for (const spec of [least, all]) {
      const effective = toEffectiveSpec(toClientPolicy(spec, settingsOf({})));
      expect(openStackClientStatus.parse({ effective })).toEqual({ effective });
    }
  });
});

describe("the table of settings", () => {
  const fields = SETTINGS.flatMap(({ variable, specField }) =>
    specField === undefined ? [] : [[variable, specField]],
  );
  it.each(fields)("%s stands for a field that is there: %s", (_variable, path) => {
    const [field = "", part] = path?.split(".") ?? [];
    expect(openStackClientSpec.shape).toHaveProperty(field);
    const parts: Readonly<Record<string, readonly string[]>> = {
      plugin: ["name", "selector", "options"],
      maxMissing: ["count", "percent"],
    };
    expect(parts[field]?.includes(part ?? "") ?? part === undefined).toBe(true);
  });
});

describe("a stored spec", () => {
  it.each([
    [{ interval: "0s" }, "interval is from 1s to 168h, such as 5m"],
    [{ interval: "200h" }, "interval is from 1s to 168h, such as 5m"],
    [{ maxBackupAge: "0s" }, "maxBackupAge is more than 0s"],
    [{ cleanupAfterDays: 0 }, "cleanupAfterDays is more than 0"],
    [{ datacenter: "HOLD" }, "datacenter is none of"],
    [{ datacenter: "d".repeat(40), openstack: "o".repeat(40) }, "at most 60 characters"],
    [{ client: 'a"b' }, "ASCII letters, digits, :._- and blanks inside"],
  ])("that says %j is refused by the rules of the CRD", (change, message) => {
    const parsed = openStackClientSpec.safeParse({ ...least, ...change });
    expect(parsed.error?.issues.map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });
});
