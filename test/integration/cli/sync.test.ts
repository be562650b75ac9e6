import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { CommandLine } from "../../support/cli/command-line.ts";
import { fileIdentities, readBaseDir } from "../../support/e2e/tree.ts";

const ROCKY = "014c5892-5efb-4efb-bd60-4e038800475d";
/** White paper 4.3, each client on a line of its own as in the file that it prints. */
const CLIENTS = `
# datacenter  openstack  client                proxy_server          job_prefix       jobdefs
datacenter1  openstack1  bacula-dc1-os1-fd    dc1-os1-proxy        backup-dc1-os1-
datacenter1  openstack2  bacula-dc1-os2-fd    dc1-os2-proxy        backup-dc1-os2-  LinuxVMJob
datacenter2  openstack1  bacula-dc2-os1-fd    dc2-os1-proxy        backup-dc2-os1-
`;
const FLEETS = {
  "dc1-os1-proxy": `server=rocky9-instance1 uuid=${ROCKY}
server=db01 uuid=11111111-1111-4111-8111-111111111111 tag=Gold
server=scratch uuid=33333333-3333-4333-8333-333333333333 backup=false
`,
  "dc1-os2-proxy": "server=web01 uuid=22222222-2222-4222-8222-222222222222\n",
  "dc2-os1-proxy": "server=web01 uuid=44444444-4444-4444-8444-444444444444\n",
};

let bed: BaculaBed;
let program: CommandLine;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "cli-sync" });
  for (const [proxy, text] of Object.entries(FLEETS)) await bed.fleet(proxy, text);
  program = await CommandLine.create(bed, CLIENTS);
});
afterAll(async () => {
  await program.remove();
  await bed.wipe();
});

const fileOf = (path: string) => readFile(join(bed.baseDir, path), "utf8");
const jobs = async () => (await bed.console(".jobs type=B")).split("\n").filter((line) => line.startsWith("backup-"));
const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");

describe("sync of the white paper's clients", () => {
  it("shows with DRYRUN=1 what it would do, and leaves no trace of it", async () => {
    const before = await readdir(bed.baseDir);
    const run = await program.run(["sync"], { DRYRUN: "1" });
    expect(run.stderr).toBe("");
    expect(linesOf(run.stdout)).toEqual([
      `bacula-dc1-os1-fd: DRYRUN: would Create backup-dc1-os1-rocky9-instance1 (VM rocky9-instance1, ${ROCKY}): new`,
      "bacula-dc1-os1-fd: DRYRUN: would Create backup-dc1-os1-db01 (VM db01, 11111111-1111-4111-8111-111111111111): new",
      expect.stringContaining("3 VMs listed, 2 active"),
      expect.stringContaining("would Create backup-dc1-os2-web01"),
      expect.stringContaining("Create 1 (DRYRUN: nothing was written)"),
      expect.stringContaining("would Create backup-dc2-os1-web01"),
      expect.stringContaining("bacula-dc2-os1-fd: 1 VMs listed"),
    ]);
    expect(run.exitCode).toBe(0);
    expect(await readdir(bed.baseDir)).toEqual(before);
  });

  it("gives each VM its job in the Director by one reload, and says so line by line", async () => {
    const run = await program.run(["sync"]);
    expect(run.stderr).toBe("");
    expect(run.exitCode).toBe(0);
    expect(await jobs()).toEqual([
      "backup-dc1-os1-db01",
      "backup-dc1-os1-rocky9-instance1",
      "backup-dc1-os2-web01",
      "backup-dc2-os1-web01",
    ]);
    expect(linesOf(run.stdout)).toContain(
      `bacula-dc1-os1-fd: Create backup-dc1-os1-rocky9-instance1 (VM rocky9-instance1, ${ROCKY}): new`,
    );
    expect(linesOf(run.stdout)).toContain(
      "bacula-dc1-os1-fd: 3 VMs listed, 2 active, 0 missing, 0 disabled, 1 opted out, 0 rejected, 0 held, 2 unprotected; Create 2; the Director has read the files and has 2 jobs of it",
    );
  });

  it("writes the white paper's files byte for byte (5.1), and reads policy from all three sources (4.4)", async () => {
    const job = await fileOf("datacenter1/openstack1/rocky9-instance1/job");
    expect(job.replace(/created: .*/u, "created: 2026-05-18 19:00:00")).toBe(`#@vm: rocky9-instance1
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
    expect(await fileOf("datacenter1/openstack1/rocky9-instance1/fileset")).toContain(
      `    Plugin = "openstack: proxy_server=dc1-os1-proxy instance=${ROCKY}"\n`,
    );
    expect(await fileOf("datacenter1/openstack1/db01/job")).toContain('JobDefs    = "Gold"');
    expect(await fileOf("datacenter1/openstack2/web01/job")).toContain('JobDefs    = "LinuxVMJob"');
    expect(existsSync(join(bed.baseDir, "datacenter1/openstack1/scratch"))).toBe(false);
  });

  it("changes nothing the second time", async () => {
    const before = await fileIdentities(bed.baseDir);
    const run = await program.run(["sync"]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("nothing to do; the Director has every file");
    expect(await fileIdentities(bed.baseDir)).toEqual(before);
  });

  it("answers in JSON alone on standard output", async () => {
    const { stdout, exitCode } = await program.run(["sync", "--output", "json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      exitCode: 0,
      clients: [
        { client: "bacula-dc1-os1-fd", counts: { live: 3, active: 2, optedOut: 1 }, actions: [], problems: [] },
        { client: "bacula-dc1-os2-fd" },
        { client: "bacula-dc2-os1-fd" },
      ],
    });
  });

  it("heals a deleted job file in the white paper's words, or leaves it", async () => {
    await bed.console("run job=backup-dc1-os2-web01 yes\nwait");
    await bed.fleet("dc1-os2-proxy", FLEETS["dc1-os2-proxy"]);
    const folder = join(bed.baseDir, "datacenter1/openstack2/web01");
    await rm(join(folder, "job"));
    await rm(join(folder, "fileset"));
    const left = await program.run(["sync"], { HEAL_MISSING_FILES: "0" });
    expect(left.stderr).toContain("WARN: known to catalog but job file missing: web01. They have no backup");
    expect(left.exitCode).toBe(1);
    const healed = await program.run(["sync"]);
    expect(healed.stderr).toContain(
      "WARN: known to catalog but job file missing: web01. Their files are written again",
    );
    expect(healed.exitCode).toBe(0);
    expect(existsSync(join(folder, "job"))).toBe(true);
  });

  it("takes a VM through its absence and back (white paper 2.3), and waits for a person where many are gone", async () => {
    const variables = { GRACE_DAYS: "0.000001", MAX_SYNC_GAP: "1h" };
    const job = () => fileOf("datacenter1/openstack1/db01/job");
    await bed.fleet("dc1-os1-proxy", `server=rocky9-instance1 uuid=${ROCKY}\n`);
    const marked = await program.run(["sync"], { GRACE_DAYS: "14" });
    expect(marked.stdout).toContain("MarkMissing backup-dc1-os1-db01 (VM db01");
    expect(await job()).toMatch(/^#@missing-since:/mu);
    const disabled = await program.run(["sync"], variables);
    expect(disabled.stdout).toContain("Disable backup-dc1-os1-db01");
    expect(await job()).toMatch(/Enabled {4}= no$/mu);
    await bed.fleet("dc1-os1-proxy", FLEETS["dc1-os1-proxy"]);
    const restored = await program.run(["sync"], variables);
    expect(restored.stdout).toContain("Edit backup-dc1-os1-db01");
    expect(await job()).toMatch(/Enabled {4}= yes$/mu);
  });

  it("holds a large loss, and lets it go by the word that it printed", async () => {
    const many = Array.from({ length: 4 }, (_, n) => `server=m${n} uuid=5555555${n}-5555-4555-8555-555555555555\n`);
    await bed.fleet("dc2-os1-proxy", FLEETS["dc2-os1-proxy"] + many.join(""));
    expect((await program.run(["sync"])).exitCode).toBe(0);
    await bed.fleet("dc2-os1-proxy", FLEETS["dc2-os1-proxy"]);
    const held = await program.run(["sync"]);
    expect(held.exitCode).toBe(1);
    const [, word = ""] =
      /ERROR: .* 4 of 5 VMs .* run sync (--approve-removal \S+=4-[0-9a-f]+)\. \[RemovalAllowed\/TooManyMissing\]/u.exec(
        held.stderr,
      ) ?? [];
    expect(held.stdout).not.toContain("MarkMissing");
    const approved = await program.run(["sync", ...word.split(" ")]);
    expect(approved.stdout.match(/MarkMissing/gu)).toHaveLength(5); // four lines and the summary
    expect(approved.exitCode).toBe(0);
  });
});

describe("a clients.conf that is wrong", () => {
  const good = "datacenter1 openstack1 bacula-dc1-os1-fd dc1-os1-proxy backup-dc1-os1-\n";

  it("is refused with file, line, value and what is allowed, and nothing is done", async () => {
    const before = await fileIdentities(bed.baseDir);
    await program.clientsConf(`${good}datacenter1 openstack2 bacula-dc1-os2-fd dc1-os2-proxy\n`);
    const run = await program.run(["sync"]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toBe(
      `ERROR: ${program.clientsConfFile} line 2: "datacenter1 openstack2 bacula-dc1-os2-fd dc1-os2-proxy" has 4 fields: a line has 5 or 6, datacenter openstack client proxy_server job_prefix [jobdefs].\n`,
    );
    expect(await fileIdentities(bed.baseDir)).toEqual(before);
  });

  it("stops the second line that claims a client, and no other", async () => {
    await program.clientsConf(`${good}datacenter9 openstack9 bacula-dc1-os1-fd dc1-os1-proxy other-\n`);
    const run = await program.run(["sync"]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(
      `ERROR: ${program.clientsConfFile} line 2: client bacula-dc1-os1-fd belongs to ${program.clientsConfFile} line 1, whose job files exist`,
    );
    expect(run.stdout).toContain("bacula-dc1-os1-fd: 3 VMs listed");
    expect(existsSync(join(bed.baseDir, "datacenter9"))).toBe(false);
  });

  it("warns of a prefix that begins another, and of a Client that the Director does not have", async () => {
    await program.clientsConf(`${good}datacenter1 openstack2 no-such-fd dc1-os2-proxy backup-dc1-\n`);
    const run = await program.run(["sync"]);
    expect(run.stderr).toContain("WARN: bacula-dc1-os1-fd: jobPrefix backup-dc1-os1- begins with backup-dc1-");
    expect(run.stderr).toMatch(/ERROR: .*no-such-fd.*\[Discovered\/ClientUnknown\]/u);
    expect(run.exitCode).toBe(1);
    await program.clientsConf(CLIENTS);
  });

  it("is not to be missing or empty", async () => {
    const missing = await program.run(["sync"], { CLIENTS_CONF: "/nowhere/clients.conf" });
    expect(missing).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("CLIENTS_CONF /nowhere/clients.conf"),
    });
    await writeFile(join(program.folder, "empty.conf"), "# none\n");
    const empty = await program.run(["sync"], { CLIENTS_CONF: "empty.conf" });
    expect(empty).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("has no client") });
  });
});

describe("wrong settings", () => {
  it.each([
    ["GRACE_DAYS", "-1", 'GRACE_DAYS is "-1" (from the environment): days must be 0 or more, such as 14 or 0.5'],
    ["CLEANUP_AFTER_DAYS", "0", 'CLEANUP_AFTER_DAYS is "0" (from the environment): days must be more than 0'],
    ["DB_TLS", "maybe", 'DB_TLS is "maybe" (from the environment): it must be one of 0, 1, unverified'],
    ["RUST_LOG", "loud", 'RUST_LOG is "loud" (from the environment): it must be one of error, warn, info'],
    ["BASE_DIR", "openstack", 'BASE_DIR is "openstack" (from the environment): it must be an absolute path'],
  ])("%s=%s is named with its value and what is allowed", async (variable, value, problem) => {
    const run = await program.run(["sync"], { [variable]: value });
    expect(run).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(`ERROR: ${problem}`) });
  });
  it.each([[["sync", "--outptu"]], [["snyc"]], [["sync", "--output", "xml"]], [["sync", "--take-over", "x"]]])(
    "%s is refused with exit code 2",
    async (args) => {
      expect((await program.run(args)).exitCode).toBe(2);
    },
  );
});

describe("trouble with the world", () => {
  /** One run that must change no file; what was broken for it is mended afterwards. */
  async function troubled(
    change: Readonly<Record<string, string>>,
    mend: () => Promise<void> = async () => undefined,
    stopAfterMs?: number,
  ) {
    const before = await readBaseDir(bed.baseDir);
    try {
      const run = await program.run(["sync"], change, stopAfterMs);
      expect(await readBaseDir(bed.baseDir)).toEqual(before);
      return run;
    } finally {
      await mend();
    }
  }

  it("ERROR: bconsole not found, once for each client", async () => {
    const run = await troubled({ BCONSOLE: "/nowhere/bconsole" });
    expect(run.exitCode).toBe(1);
    expect(run.stderr.match(/^ERROR: bconsole not found: .* Set BCONSOLE to the path of bconsole\./gmu)).toHaveLength(
      3,
    );
    expect(linesOf(run.stderr)).toHaveLength(3);
  });

  it("a wrong password of the Console", async () => {
    const wrong = join(program.folder, "bconsole-wrong.conf");
    const right = await readFile(bed.restrictedBconsoleConf, "utf8");
    await writeFile(wrong, right.replaceAll(/Password *= *"[^"]*"/gu, 'Password = "wrong"'));
    const run = await troubled({ B_CONSOLE_CONF: wrong });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^ERROR: .*name or password in B_CONSOLE_CONF does not fit the Director/mu);
  });

  it("WARN: no response from bconsole, when a File Daemon hangs, and the run ends in its time", async () => {
    await bed.pauseFd();
    const run = await troubled({ BCONSOLE_TIMEOUT: "3s" }, () => bed.resumeFd());
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(
      /^WARN: no response from bconsole for bacula-dc1-os1-fd: .*BCONSOLE_TIMEOUT.*TimedOut\]$/mu,
    );
  });

  it("ends with 1 when it is told to stop, and says so", async () => {
    await bed.pauseFd();
    const run = await troubled({}, () => bed.resumeFd(), 8_000);
    expect(run).toMatchObject({ exitCode: 1, stdout: "", stderr: "ERROR: stopped by SIGTERM\n" });
  });

  it("WARN: no response from bconsole, when a plugin has nothing to say; the other clients go on", async () => {
    await bed.forgetFleet("dc1-os2-proxy");
    await bed.fleet(
      "dc1-os1-proxy",
      `${FLEETS["dc1-os1-proxy"]}server=new uuid=77777777-7777-4777-8777-777777777777\n`,
    );
    const run = await program.run(["sync"]);
    await bed.fleet("dc1-os2-proxy", FLEETS["dc1-os2-proxy"]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^WARN: no response from bconsole for bacula-dc1-os2-fd: /mu);
    expect(run.stdout).toContain("Create backup-dc1-os1-new");
    expect(await jobs()).toContain("backup-dc1-os1-new");
    expect(await jobs()).toContain("backup-dc1-os2-web01");
  });

  it("ERROR: cannot connect to the PostgreSQL catalog", async () => {
    const wrong = await troubled({ PGPASSWORD: "wrong" });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toMatch(
      /^ERROR: cannot connect to the PostgreSQL catalog for bacula-dc1-os1-fd: .*password authentication failed.*Check DB_USER/mu,
    );
    const down = await troubled({ DB_PORT: "1" });
    expect(down.stderr).toMatch(
      /^ERROR: cannot connect to the PostgreSQL catalog .*ECONNREFUSED.*Check DB_HOST and DB_PORT/mu,
    );
    const other = await troubled({ DB_NAME: "postgres" });
    expect(other.stderr).toMatch(/^ERROR: cannot connect to the PostgreSQL catalog .*Check DB_NAME/mu);
  });

  it("a Director that is down", async () => {
    await bed.stopDirector();
    const run = await troubled({ BCONSOLE_TIMEOUT: "5s" }, () => bed.startDirector());
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^ERROR: .*Check that the Director runs.*DirectorUnreachable\]$/mu);
  });

  it("a policy that names what the Director does not have", async () => {
    const run = await troubled({ POOL: "NoPool" });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^ERROR: .*"NoPool" is not a Pool of the Director; it has: .*UnknownReference\]$/mu);
  });
});
