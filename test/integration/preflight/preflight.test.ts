import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { execa } from "execa";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { openPorts } from "../../../src/cli/ports-of.ts";
import { logStartChecks } from "../../../src/cli/preflight/log-start-checks.ts";
import type { Section } from "../../../src/domain/preflight/check.ts";
import { createLog } from "../../../src/observability/log.ts";
import { parseSettings } from "../../../src/settings/settings.ts";
import { clientsConf, preflightOf, soundEnvironment, troubledSections, troubleIn } from "./preflight-of.ts";

const VM = "014c5892-5efb-4efb-bd60-4e038800475d";
const OS1 = "datacenter1 openstack1 bacula-dc1-os1-fd dc1-os1-proxy backup-dc1-os1- LinuxVMJob";
const OS2 = "datacenter1 openstack2 bacula-dc1-os2-fd dc1-os2-proxy backup-dc1-os2-";

let bed: BaculaBed;
let sound: Record<string, string>;

/** As the catalog's administrator. */
async function sql(text: string): Promise<void> {
  const { host, port, database, password } = bed.catalog;
  const client = new Client({ host, port, database, user: "postgres", password });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  bed = await startBaculaBed({ name: "preflight" });
  await bed.fleet("dc1-os1-proxy", `server=web01 uuid=${VM}\n`);
  await bed.fleet("dc1-os2-proxy", `server=web02 uuid=${VM}\n`);
  await sql(`CREATE ROLE reader LOGIN PASSWORD 'readerpw'; GRANT SELECT ON version, client, job, fileset TO reader`);
  sound = soundEnvironment(bed, await clientsConf(bed, "clients.conf", OS1, OS2));
}, 300_000);
afterAll(() => bed?.wipe());
afterEach(() => writeFile(bed.extraDirectorConf, ""));

/** What preflight finds in one section of the installation with these changes, and which sections it finds trouble in. */
async function lookAt(changed: Readonly<Record<string, string>>, section: Section) {
  const checks = await preflightOf({ ...sound, ...changed });
  return { found: troubleIn(checks, section), troubled: troubledSections(checks) };
}

/** That section alone has trouble, and this is part of it. */
function only(section: Section, trouble: Readonly<Record<string, unknown>>) {
  return { found: expect.arrayContaining([expect.objectContaining(trouble)]), troubled: [section] };
}

describe("preflight on a sound installation", () => {
  it("finds nothing wrong, and prints the white paper's sections in its order", async () => {
    const script = join(import.meta.dirname, "../../../scripts/preflight-check.sh");
    const { stdout, exitCode } = await execa(script, { env: sound, extendEnv: false, reject: false });
    expect(stdout).not.toMatch(/^ {2}(WARN|FAIL)/mu);
    expect(exitCode).toBe(0);
    expect(stdout.match(/^\S.*$/gmu)).toEqual([
      "Binary",
      "clients.conf",
      "BASE_DIR",
      "bconsole",
      "PostgreSQL catalog",
      "OpenStack API",
      ".query per client",
      "Runtime config",
      "Director resources",
      "Director include",
      "Deduplication",
      expect.stringMatching(/^Summary: [12]\d OK, 0 WARN, 0 FAIL, \d skipped$/u),
    ]);
    expect(stdout).toContain("  OK    bacula-dc1-os1-fd: .query lists 1 VM\n");
    expect(stdout).toContain("  OK    DB_USER has the rights that are needed, and no more\n");
    expect(stdout).toContain("  OK    DIRECTOR_TEST_COMMAND: the Director's configuration is sound\n");
  });

  it("changes nothing: no file of BASE_DIR, no row, no reload", async () => {
    const before = await execa("find", [bed.baseDir, "-printf", "%p %s %T@\\n"]);
    await preflightOf(sound);
    const after = await execa("find", [bed.baseDir, "-mindepth", "1", "-printf", "%p %s %T@\\n"]);
    expect(before.stdout).toContain(after.stdout);
    expect(await bed.daemonLog()).not.toMatch(/reload/iu);
  });

  it("exits 1 on a FAIL, 0 on a WARN, and prints JSON on demand", async () => {
    const program = join(import.meta.dirname, "../../../bin/bacula-openstack-sync");
    const run = (env: Record<string, string>) =>
      execa(program, ["preflight", "--output", "json"], { env: { ...sound, ...env }, extendEnv: false, reject: false });
    const warned = await run({ DRYRUN: "1" });
    expect(warned.exitCode).toBe(0);
    expect(JSON.parse(warned.stdout)).toMatchObject({ summary: { WARN: 1, FAIL: 0 }, exitCode: 0 });
    const failed = await run({ GRACE_DAYS: "-1" });
    expect(failed.exitCode).toBe(1);
    const document: unknown = JSON.parse(failed.stdout);
    expect(document).toMatchObject({ summary: { FAIL: 1 }, exitCode: 1 });
    expect(document).toMatchObject({
      sections: expect.arrayContaining([
        {
          section: "Runtime config",
          checks: [expect.objectContaining({ level: "FAIL", cause: expect.stringContaining('GRACE_DAYS is "-1"') })],
        },
      ]),
    });
  });
});

describe("preflight and bconsole", () => {
  it("misses bconsole by the white paper's words", async () => {
    const checks = await preflightOf({ ...sound, BCONSOLE: "/nowhere/bconsole" });
    expect(troubleIn(checks, "bconsole")).toEqual([
      expect.objectContaining({
        level: "FAIL",
        line: "bconsole not found",
        remedy: expect.stringContaining("BCONSOLE"),
      }),
    ]);
    expect(checks.get(".query per client")).toEqual([expect.objectContaining({ level: "SKIP" })]);
  });

  it("tells a wrong password of the Console, and of the one for purges", async () => {
    const wrong = join(bed.dir, "etc/bconsole-wrong.conf");
    await writeFile(wrong, (await readFile(bed.restrictedBconsoleConf, "utf8")).replace("toolpw", "wrongpw"));
    expect(await lookAt({ B_CONSOLE_CONF: wrong }, "bconsole")).toEqual(
      only("bconsole", {
        level: "FAIL",
        line: "bconsole does not connect to the Director",
        cause: expect.stringMatching(/name or password/u),
      }),
    );
    expect(await lookAt({ PURGE_CONSOLE_CONF: wrong }, "bconsole")).toEqual(
      only("bconsole", {
        level: "FAIL",
        line: "the Console of PURGE_CONSOLE_CONF does not connect",
      }),
    );
  });
});

describe("preflight and the catalog", () => {
  it.each([
    ["a wrong password", { PGPASSWORD: "wrong" }, { line: "cannot connect to the PostgreSQL catalog" }],
    ["no server at that port", { DB_PORT: "1" }, { line: "cannot connect to the PostgreSQL catalog" }],
    ["TLS that the server lacks", { DB_TLS: "1" }, { line: "cannot connect to the PostgreSQL catalog" }],
    ["a database that is no catalog", { DB_NAME: "template1" }, { line: expect.stringMatching(/tables.*missing/u) }],
  ])("tells %s", async (_, changed, trouble) => {
    expect(await lookAt(changed, "PostgreSQL catalog")).toEqual(
      only("PostgreSQL catalog", { level: "FAIL", ...trouble }),
    );
  });

  it("wants the right to read, and warns of more than that", async () => {
    await sql("CREATE ROLE blind LOGIN PASSWORD 'readerpw'; GRANT SELECT ON version, client, fileset TO blind");
    expect(await lookAt({ DB_USER: "blind" }, "PostgreSQL catalog")).toEqual(
      only("PostgreSQL catalog", {
        level: "FAIL",
        line: "DB_USER may not read job",
      }),
    );
    const { user, password } = bed.catalog;
    expect(await lookAt({ DB_USER: user, PGPASSWORD: password }, "PostgreSQL catalog")).toEqual(
      only("PostgreSQL catalog", {
        level: "WARN",
        line: "DB_USER may change version, client, job, fileset",
      }),
    );
    expect(await lookAt({ DB_USER: "postgres", PGPASSWORD: password }, "PostgreSQL catalog")).toEqual(
      only("PostgreSQL catalog", {
        level: "WARN",
        line: "DB_USER is a superuser of PostgreSQL",
      }),
    );
  });

  it("lets the user that purges have the right to change", async () => {
    const { user, password } = bed.catalog;
    const checks = await preflightOf({ ...sound, DB_USER: user, PGPASSWORD: password, CLEANUP_AFTER_DAYS: "90" });
    expect(troubledSections(checks)).toEqual([]);
  });

  it("refuses a schema that it does not know", async () => {
    await sql("UPDATE version SET versionid = 99999");
    try {
      // The Director itself would refuse such a catalog.
      expect(await lookAt({ DIRECTOR_TEST_COMMAND: "" }, "PostgreSQL catalog")).toEqual(
        only("PostgreSQL catalog", {
          level: "FAIL",
          line: "schema version 99999",
        }),
      );
    } finally {
      await sql("UPDATE version SET versionid = 1026");
    }
  });
});

describe("preflight and BASE_DIR", () => {
  it.each([
    ["missing", "/nowhere/openstack"],
    ["no folder", "/etc/hostname"],
    ["not writable, also for root", "/sys/kernel"],
  ])("refuses one that is %s", async (_, folder) => {
    const checks = await preflightOf({ ...sound, BASE_DIR: folder, DIRECTOR_BASE_DIR: bed.baseDir });
    expect(troubleIn(checks, "BASE_DIR")).toEqual([
      expect.objectContaining({ level: "FAIL", line: "BASE_DIR cannot be written" }),
    ]);
  });

  it("warns of one that everybody may write to, and of HOLD", async () => {
    const folder = join(bed.dir, "open");
    await mkdir(folder);
    await chmod(folder, 0o777);
    await writeFile(join(folder, "HOLD"), "");
    await writeFile(join(folder, "include.conf"), "");
    expect(await lookAt({ BASE_DIR: folder, DIRECTOR_BASE_DIR: bed.baseDir }, "BASE_DIR")).toEqual(
      only("BASE_DIR", {
        level: "WARN",
        line: expect.stringContaining("can be written by every user"),
      }),
    );
    const checks = await preflightOf({ ...sound, BASE_DIR: folder, DIRECTOR_BASE_DIR: bed.baseDir });
    expect(troubleIn(checks, "BASE_DIR")).toContainEqual(
      expect.objectContaining({ level: "WARN", line: `${folder}/HOLD is there` }),
    );
  });
});

describe("preflight and what new jobs refer to", () => {
  it.each([
    ["Pool", "POOL", "NoSuchPool"],
    ["Storage", "STORAGE", "NoSuchStorage"],
    ["Schedule", "SCHEDULE", "NoSuchSchedule"],
    ["Messages", "MESSAGES", "NoSuchMessages"],
    ["JobDefs", "JOBDEFS", "NoSuchJobDefs"],
    ["JobDefs", "JOBDEFS", "AdminDefs"],
  ])("misses a %s (%s=%s)", async (resource, variable, name) => {
    expect(await lookAt({ [variable]: name }, "Director resources")).toEqual(
      only("Director resources", {
        level: "FAIL",
        line: expect.stringMatching(`^the Director has no ${resource} "${name}"`),
        remedy: expect.stringContaining(variable),
      }),
    );
  });
});

describe("preflight and the lines of clients.conf", () => {
  const withLines = async (...lines: readonly string[]) =>
    preflightOf({ ...sound, CLIENTS_CONF: await clientsConf(bed, "other.conf", ...lines) });

  it.each([
    ["is no Client of the Director", "nosuch-fd", "dc1-os1-proxy", "ClientUnknown"],
    ["is down", "down-fd", "dc1-os1-proxy", "ClientUnreachable"],
    ["has another password", "wrongpw-fd", "dc1-os1-proxy", "ClientUnreachable"],
    ["has no such proxy_server", "bacula-dc1-os1-fd", "nosuch-proxy", "PluginError"],
  ])("asks a client that %s", async (_, client, proxy, reason) => {
    const checks = await withLines(`datacenter1 openstack1 ${client} ${proxy} backup-dc1-os1-`);
    expect(troubleIn(checks, ".query per client")).toEqual([
      expect.objectContaining({
        level: "FAIL",
        line: `${client}: no response from bconsole that lists VMs (${reason})`,
      }),
    ]);
  });

  it("asks a client whose File Daemon has lost the plugin", async () => {
    await bed.restartFd({ plugins: false });
    try {
      const checks = await withLines(OS1);
      expect(troubleIn(checks, ".query per client")).toEqual([
        expect.objectContaining({ level: "FAIL", line: expect.stringContaining("(EmptyAnswer)") }),
      ]);
    } finally {
      await bed.restartFd();
    }
  });

  it("refuses two that claim the same, and warns of a prefix that begins another", async () => {
    const twice = await withLines(OS1, OS2.replace("backup-dc1-os2-", "backup-dc1-os1-"));
    expect(troubleIn(twice, "clients.conf")).toEqual([
      expect.objectContaining({ level: "FAIL", line: expect.stringContaining("line 2 is refused") }),
    ]);
    const begins = await withLines(OS1, OS2.replace("backup-dc1-os2-", "backup-dc1-os1-b-"));
    expect(troubleIn(begins, "clients.conf")).toHaveLength(2);
    expect(troubleIn(begins, "clients.conf")[0]).toMatchObject({ level: "WARN" });
  });

  it("tells a file that is missing, empty, or has too few fields", async () => {
    const missing = await preflightOf({ ...sound, CLIENTS_CONF: "/nowhere/clients.conf" });
    expect(troubledSections(missing)).toEqual(["clients.conf"]);
    for (const lines of [["# nothing"], ["datacenter1 openstack1 bacula-dc1-os1-fd"]]) {
      const checks = await withLines(...lines);
      expect(troubleIn(checks, "clients.conf")).toEqual([expect.objectContaining({ level: "FAIL" })]);
    }
  });
});

describe("preflight and the Director's include", () => {
  const find = (bracket: string) =>
    `find ${bed.baseDir} -type f ${bracket}( -name job -o -name fileset ${bracket}) -print0 | xargs -0 -I{} echo @{}`;
  const jobOf = (name: string) =>
    `Job {\n  Name = "${name}"\n  JobDefs = "DefaultJob"\n  Client = "bacula-dc1-os1-fd"\n}\n`;

  /** A Director whose configuration has this line in the place of our include.conf. */
  async function withInclude(line: string): Promise<string> {
    const text = await readFile(bed.directorConf, "utf8");
    const file = join(bed.dir, "etc/other-dir.conf");
    await writeFile(file, text.replace(`@${bed.baseDir}/include.conf`, line));
    return file;
  }
  const test = (file: string) => bed.directorTestCommand.replace(bed.directorConf, file);
  /** What the Director reads of a tree with one job. A name twice is an error, so a second one shows what is loaded. */
  async function loads(file: string): Promise<boolean> {
    const probe = join(bed.dir, "etc/probe.conf");
    await writeFile(probe, `${await readFile(file, "utf8")}\n${jobOf("backup-dc1-os1-web01")}`);
    const { exitCode } = await execa(bed.bconsolePath.replace("bconsole", "bacula-dir"), ["-t", "-c", probe], {
      reject: false,
    });
    return exitCode !== 0;
  }

  it("judges each form of find as the Director takes it", async () => {
    await mkdir(join(bed.baseDir, "datacenter1/openstack1/web01"), { recursive: true });
    await writeFile(join(bed.baseDir, "datacenter1/openstack1/web01/job"), jobOf("backup-dc1-os1-web01"));

    // As the white paper prints it.
    const printed = await withInclude(`@|sh -c '${find("\\")}'`);
    const checks = await preflightOf({ ...sound, DIRECTOR_TEST_COMMAND: test(printed) });
    expect(troubleIn(checks, "Director include")).toEqual([
      expect.objectContaining({ level: "FAIL", line: expect.stringContaining("is refused by the Director") }),
    ]);
    expect(troubleIn(checks, "Runtime config")).toEqual([
      expect.objectContaining({ level: "FAIL", cause: expect.stringContaining("-c") }),
    ]);

    const silent = await withInclude(`@|"sh -c '${find("\\")}'"`);
    expect(await lookAt({ DIRECTOR_TEST_COMMAND: test(silent) }, "Director include")).toEqual(
      only("Director include", {
        level: "FAIL",
        line: expect.stringContaining("loads nothing"),
      }),
    );
    expect(await loads(silent)).toBe(false);

    const right = await withInclude(`@|"sh -c '${find("\\\\")}'"`);
    expect(await lookAt({ DIRECTOR_TEST_COMMAND: test(right) }, "Director include")).toEqual(
      only("Director include", { level: "WARN" }),
    );
    expect(await loads(right)).toBe(true);
  });

  it("refuses both forms at once, and neither", async () => {
    const both = await withInclude(`@${bed.baseDir}/include.conf\n@|"sh -c '${find("\\\\")}'"`);
    expect(await lookAt({ DIRECTOR_TEST_COMMAND: test(both) }, "Director include")).toEqual(
      only("Director include", {
        level: "FAIL",
        line: expect.stringContaining("reads our jobs twice"),
      }),
    );
    const neither = await withInclude("");
    expect(await lookAt({ DIRECTOR_TEST_COMMAND: test(neither) }, "Director include")).toEqual(
      only("Director include", {
        level: "FAIL",
        line: expect.stringContaining("no job of ours would ever run"),
      }),
    );
  });
});

describe("preflight at the operator's start", () => {
  /** What is logged, and how often. */
  async function logged(changed: Readonly<Record<string, string>>): Promise<string> {
    const parsed = parseSettings({ ...sound, ...changed }, "operator");
    if (parsed.kind === "invalid") throw new Error(parsed.problems.join("\n"));
    const output = new PassThrough();
    const open = openPorts(parsed.settings, { now: Date.now }, "write");
    try {
      const input = { env: sound, settings: parsed.settings, ports: open.ports, signal: new AbortController().signal };
      await logStartChecks(input, createLog("info", "json", output));
    } finally {
      await open.close();
    }
    return String(output.read() ?? "");
  }

  it("says nothing of a sound installation, and logs what is wrong with cause and remedy", async () => {
    expect(await logged({})).toBe("");
    const log = await logged({ PGPASSWORD: "wrong", BCONSOLE: "/nowhere/bconsole" });
    expect(
      log
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      expect.objectContaining({ check: "FAIL", section: "bconsole", finding: "bconsole not found" }),
      expect.objectContaining({
        check: "FAIL",
        section: "PostgreSQL catalog",
        msg: "preflight found trouble",
        finding: "cannot connect to the PostgreSQL catalog",
        remedy: expect.stringContaining("PGPASSWORD"),
      }),
    ]);
  });

  it("writes nothing to BASE_DIR", async () => {
    const stamp = async () => (await execa("find", [bed.baseDir, "-printf", "%p %s %T@\\n"])).stdout;
    const before = await stamp();
    await logged({});
    expect(await stamp()).toBe(before);
  });
});

describe("preflight and deduplication", () => {
  it("looks at the File Daemon of this machine", async () => {
    const file = join(bed.dir, "etc/fd.conf");
    const index = join(bed.dir, "dedup-index");
    await mkdir(index, { mode: 0o700 });
    const troubleOf = async (text: string) => {
      await writeFile(file, text);
      return troubleIn(await preflightOf({ ...sound, DEDUP_ALGO: "sha256" }, file), "Deduplication");
    };
    expect(await troubleOf("FileDaemon {\n}\n")).toMatchObject([{ line: `${file} sets no DedupIndexDirectory` }]);
    expect(await troubleOf("Dedup Index Directory = /nowhere\n")).toMatchObject([{ level: "WARN" }]);
    expect(await troubleOf(`DedupIndexDirectory = "${index}"\n`)).toMatchObject([
      { line: expect.stringContaining("mode 700") },
    ]);
  });
});

describe("preflight while the catalog is away", () => {
  it("tells it, and looks at the rest all the same", async () => {
    await bed.stopCatalog();
    try {
      const checks = await preflightOf({ ...sound, DIRECTOR_TEST_COMMAND: "", BCONSOLE_TIMEOUT: "5s" });
      expect(troubleIn(checks, "PostgreSQL catalog")).toEqual([
        expect.objectContaining({ level: "FAIL", line: "cannot connect to the PostgreSQL catalog" }),
      ]);
      expect(troubleIn(checks, "BASE_DIR")).toEqual([]);
    } finally {
      await bed.startCatalog();
    }
  });
});
