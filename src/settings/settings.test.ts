import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings, type Settings } from "./settings.ts";
import { SETTINGS } from "./variables.ts";

function settingsOf(env: Record<string, string>, frontEnd: "operator" | "command line" = "command line"): Settings {
  const parsed = parseSettings(env, frontEnd);
  if (parsed.kind === "invalid") throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}

function problemsOf(env: Record<string, string>): readonly string[] {
  const parsed = parseSettings(env, "operator");
  return parsed.kind === "invalid" ? parsed.problems : [];
}

describe("the settings of spec section 8", () => {
  it("have its defaults", () => {
    expect(settingsOf({})).toEqual({
      clientsConf: "./clients.conf",
      baseDir: "/opt/bacula/etc/openstack",
      directorBaseDir: "/opt/bacula/etc/openstack",
      clientDefaults: {
        jobDefs: "DefaultJob",
        overrideTaggedJobDefs: false,
        storage: "File1",
        pool: "Default",
        schedule: "WeeklyCycle",
        messages: "Standard",
        dedup: "sha256",
        signature: "SHA256",
        plugin: { name: "openstack", selector: "instance", options: "" },
        intervalMs: 300_000,
        graceDays: 14,
        maxMissing: { count: 10, percent: 20 },
        allowEmpty: false,
        optOutAction: "Leave",
        firstBackup: "Scheduled",
        healMissingFiles: true,
      },
      limits: {
        firstBackupsPerClient: 2,
        firstBackupsTotal: 5,
        purgesPerPass: 10,
        newVmsPerPass: 10_000,
        tagChangeIntervalMs: 3_600_000,
        purgedVolumes: "keep",
      },
      isDryRun: false,
      reloadAfterSync: false,
      maxSyncGapMs: 129_600_000,
      bconsole: { program: "bconsole", timeoutMs: 60_000, maxAnswerBytes: 67_108_864 },
      director: {},
      catalog: { host: "localhost", port: 5_432, database: "bacula", user: "bacula", tls: "off" },
      lockWaitMs: 300_000,
      log: { level: "warn", format: "text" },
      kubernetes: {
        podNamespace: "default",
        leaderElect: true,
        metricsAddress: { port: 8_080 },
        healthAddress: { port: 8_081 },
      },
    });
  });

  it("differ for the operator only in log and reload", () => {
    const operator = settingsOf({}, "operator");
    expect(operator.log).toEqual({ level: "info", format: "json" });
    expect(operator.reloadAfterSync).toBe(true);
    expect({ ...operator, log: undefined, reloadAfterSync: undefined }).toEqual({
      ...settingsOf({}),
      log: undefined,
      reloadAfterSync: undefined,
    });
  });

  it.each([
    ["decimal days", { GRACE_DAYS: "0.5" }, (s: Settings) => s.clientDefaults.graceDays, 0.5],
    ["no grace", { GRACE_DAYS: "0" }, (s: Settings) => s.clientDefaults.graceDays, 0],
    ["no storage line", { STORAGE: "" }, (s: Settings) => s.clientDefaults.storage, ""],
    ["no dedup line", { DEDUP_ALGO: "none" }, (s: Settings) => s.clientDefaults.dedup, "none"],
    ["an empty value as unset", { GRACE_DAYS: "" }, (s: Settings) => s.clientDefaults.graceDays, 14],
    [
      "never purge, said empty",
      { CLEANUP_AFTER_DAYS: "" },
      (s: Settings) => s.clientDefaults.cleanupAfterDays,
      undefined,
    ],
    [
      "globs",
      { ALLOWED_JOBDEFS: "Gold*  mysql" },
      (s: Settings) => s.clientDefaults.allowedJobDefs,
      ["Gold*", "mysql"],
    ],
    ["the alias", { B_CONSOLE: "/opt/bconsole" }, (s: Settings) => s.bconsole.program, "/opt/bconsole"],
    ["the name before its alias", { BCONSOLE: "a", B_CONSOLE: "b" }, (s: Settings) => s.bconsole.program, "a"],
    ["the old log variable", { RUST_LOG: "debug" }, (s: Settings) => s.log.level, "debug"],
    ["the old log variable with modules", { RUST_LOG: "hyper=warn,TRACE" }, (s: Settings) => s.log.level, "trace"],
    ["a folder with a slash", { BASE_DIR: "/srv//openstack/" }, (s: Settings) => s.directorBaseDir, "/srv/openstack"],
    ["its other name", { DIRECTOR_BASE_DIR: "/etc/os" }, (s: Settings) => s.directorBaseDir, "/etc/os"],
    ["a size", { BCONSOLE_MAX_BYTES: "2 GiB" }, (s: Settings) => s.bconsole.maxAnswerBytes, 2_147_483_648],
    ["a size in bytes", { BCONSOLE_MAX_BYTES: "4096" }, (s: Settings) => s.bconsole.maxAnswerBytes, 4_096],
    [
      "a command",
      { DIRECTOR_TEST_COMMAND: "bacula-dir -t" },
      (s: Settings) => s.director.testCommand,
      ["bacula-dir", "-t"],
    ],
    ["TLS", { DB_TLS: "1" }, (s: Settings) => s.catalog.tls, "verified"],
    ["TLS with any certificate", { DB_TLS: "unverified" }, (s: Settings) => s.catalog.tls, "unverified"],
    ["no metrics", { METRICS_BIND_ADDRESS: "0" }, (s: Settings) => s.kubernetes.metricsAddress, "off"],
    [
      "IPv6",
      { METRICS_BIND_ADDRESS: "[::1]:1" },
      (s: Settings) => s.kubernetes.metricsAddress,
      { host: "::1", port: 1 },
    ],
    [
      "IPv4",
      { HEALTH_PROBE_BIND_ADDRESS: "127.0.0.1:0" },
      (s: Settings) => s.kubernetes.healthAddress,
      { host: "127.0.0.1", port: 0 },
    ],
    [
      "a host",
      { HEALTH_PROBE_BIND_ADDRESS: "localhost:65535" },
      (s: Settings) => s.kubernetes.healthAddress,
      { host: "localhost", port: 65_535 },
    ],
    ["a zone", { TIMEZONE: "Europe/Berlin" }, (s: Settings) => s.timeZone, "Europe/Berlin"],
  ])("read %s", (_what, env, pick, expected) => {
    expect(pick(settingsOf(env))).toEqual(expected);
  });
});

describe("a wrong setting", () => {
  it.each([
    [{ GRACE_DAYS: "-1" }, 'GRACE_DAYS is "-1" (from the environment): days must be 0 or more, such as 14 or 0.5'],
    [{ GRACE_DAYS: "1e3" }, 'GRACE_DAYS is "1e3"'],
    [{ CLEANUP_AFTER_DAYS: "0" }, "0 is refused, since it may be meant as never"],
    [{ CLEANUP_AFTER_DAYS: "0.0" }, "days must be more than 0"],
    [{ DRYRUN: "maybe" }, 'DRYRUN is "maybe" (from the environment): it must be 1 or 0'],
    [{ INTERVAL: "300" }, 'INTERVAL is "300" (from the environment): it must be a duration with units'],
    [{ INTERVAL: "0s" }, "at least 1s"],
    [{ JOBDEFS: 'a" Enabled = no' }, String.raw`JOBDEFS is "a\" Enabled = no"`],
    [{ STORAGE: "a\nb" }, String.raw`STORAGE is "a\nb"`],
    [{ BASE_DIR: "openstack" }, "it must be an absolute path"],
    [{ BASE_DIR: '/srv/a"b' }, "it must be an absolute path"],
    [{ BASE_DIR: "/" }, "it must be an absolute path"],
    [{ DB_PORT: "65536" }, "it must be a whole number from 1 to 65535, such as 5432"],
    [{ DB_TLS: "2" }, "it must be one of 0, 1, unverified"],
    [{ RUST_LOG: "loud" }, 'RUST_LOG is "loud"'],
    [{ TIMEZONE: "Mars/Base" }, 'TIMEZONE is "Mars/Base"'],
    [{ METRICS_BIND_ADDRESS: "8080" }, "such as :8080"],
    [{ WATCH_NAMESPACE: "a,b" }, "it must be a Kubernetes namespace"],
    [{ PURGES_PER_PASS: "11" }, "from 1 to 10"],
    [{ OPT_OUT_ACTION: "Delete" }, "it must be one of Leave, Disable"],
  ])("%j is told", (env, expected) => {
    expect(problemsOf(env)).toEqual([expect.stringContaining(expected)]);
  });

  it.each([":", "localhost", ":65536", "::1:8080", "a b:1", ":80x", "[::1]", ":-1"])(
    "address %j is told",
    (address) => {
      const expected = "it must be an address and a port, such as :8080";
      expect(problemsOf({ METRICS_BIND_ADDRESS: address })).toEqual([expect.stringContaining(expected)]);
    },
  );

  it("does not hide the next one", () => {
    expect(problemsOf({ GRACE_DAYS: "x", DRYRUN: "x", DB_PORT: "x" })).toHaveLength(3);
  });
  it("shows no secret", () => {
    const [problem] = problemsOf({ PGPASSWORD: "hunter2\n" });
    expect(problem).toBe("PGPASSWORD is wrong (its value is not shown): it must not have control characters");
  });
  it("shows no control character, of which JSON leaves some", () => {
    expect(problemsOf({ CLIENTS_CONF: "\u007f\u0085" })).toEqual([expect.stringContaining('CLIENTS_CONF is "??" (')]);
  });
  it("is short to read whatever it is", () => {
    const anyValue = fc.string({ unit: "binary", minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(fc.constantFrom(...SETTINGS), anyValue, ({ variable }, value) => {
        for (const problem of problemsOf({ [variable]: value })) {
          expect(problem.startsWith(`${variable} is `)).toBe(true);
          expect(problem).not.toMatch(/[\p{Cc}]/u);
          expect(problem.length).toBeLessThan(400);
        }
      }),
    );
  });
});

describe("the table of settings", () => {
  it.each(SETTINGS.map((setting) => [setting.variable, setting] as const))("describes %s", (_variable, setting) => {
    expect(setting.description).toMatch(/\.$/u);
    expect(setting.allowed).not.toBe("");
  });
  it("tells defaults that are accepted when written", () => {
    const written = SETTINGS.filter(({ variable }) => problemsOf({ [variable]: "\u0001" }).length > 0);
    const defaults = written.filter(({ shownDefault }) => !shownDefault.includes(" ") || shownDefault.includes("MiB"));
    const refused = defaults.flatMap(({ variable, shownDefault }) => problemsOf({ [variable]: shownDefault }));
    expect(refused).toEqual([]);
    expect(defaults.length).toBeGreaterThan(40);
  });
});

describe("secrets among the settings", () => {
  it("never print", () => {
    const settings = settingsOf({ PGPASSWORD: "hunter2", PURGE_PGPASSWORD: "hunter3" });
    expect(settings.catalog.password?.reveal()).toBe("hunter2");
    expect(`${JSON.stringify(settings)}${inspect(settings, { depth: 9 })}`).not.toMatch(/hunter/u);
  });
});
