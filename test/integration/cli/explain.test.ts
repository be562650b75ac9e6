import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { CommandLine, type Variables } from "../../support/cli/command-line.ts";
import { fileIdentities, readTree } from "../../support/e2e/tree.ts";

/** As `npx` runs it in a checkout. */
const BIN = fileURLToPath(new URL("../../../bin/bacula-openstack-sync", import.meta.url));
const CLIENTS = `
datacenter1  openstack1  bacula-dc1-os1-fd  dc1-os1-proxy  backup-dc1-os1-
datacenter1  openstack2  bacula-dc1-os2-fd  dc1-os2-proxy  backup-dc1-os2-  LinuxVMJob
`;
const uuid = (digit: number) => [`${digit}`.repeat(8), "1111-4111-8111-111111111111"].join("-");
const server = (name: string, digit: number, more = "") => `server=${name} uuid=${uuid(digit)}${more}\n`;
const STAYING = `${server("web01", 1)}${server("db01", 2, " tag=Gold")}${server("broken01", 3)}${server("paused01", 4)}${server("scratch", 5, " backup=false")}`;
/** Grace that is over at once, for the VM that shall be disabled. */
const NO_GRACE = { GRACE_DAYS: "0.00001" };

let bed: BaculaBed;
let program: CommandLine;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "cli-explain" });
  await bed.fleet("dc1-os1-proxy", `${STAYING}${server("old01", 6)}${server("grace01", 7)}${server("held01", 8)}`);
  await bed.fleet("dc1-os2-proxy", server("web01", 9));
  program = await CommandLine.create(bed, CLIENTS);
});
afterAll(async () => {
  await program.remove();
  await bed.wipe();
});

const jobFile = (slug: string) => join(bed.baseDir, "datacenter1/openstack1", slug, "job");
const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");
async function editJob(slug: string, from: string, to: string): Promise<void> {
  const text = await readFile(jobFile(slug), "utf8");
  expect(text).toContain(from);
  await writeFile(jobFile(slug), text.replace(from, to));
}

/** A command that only looks: not a byte, not a time of a file and no new file is there afterwards. */
async function look(args: readonly string[], change: Variables = {}) {
  const before = [await fileIdentities(bed.baseDir), [...(await readTree(bed.baseDir)).keys()]];
  const run = await program.run(args, change);
  expect([await fileIdentities(bed.baseDir), [...(await readTree(bed.baseDir)).keys()]]).toEqual(before);
  return run;
}
async function succeed(args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await program.run(args);
  if (exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${exitCode}: ${stderr}`);
  return stdout;
}

/** Nothing changes between the questions of one `describe`, so each is asked once. */
const answers = new Map<string, string>();
async function why(word: string) {
  const known = answers.get(word);
  if (known !== undefined) return JSON.parse(known).vms;
  const run = await look(["why", word, "--output", "json"]);
  expect(run).toMatchObject({ exitCode: 0 });
  answers.set(word, run.stdout);
  return JSON.parse(run.stdout).vms;
}

describe("plan before the first sync", () => {
  it("shows each file that would be written, and ends with 3", async () => {
    const run = await look(["plan", "--client", "bacula-dc1-os2-fd"]);
    expect(run.stderr).toBe("");
    expect(run.exitCode).toBe(3);
    const lines = linesOf(run.stdout);
    expect(lines[0]).toBe(`bacula-dc1-os2-fd: Create backup-dc1-os2-web01 (VM web01, ${uuid(9)}): new`);
    expect(lines).toContain("+++ datacenter1/openstack2/web01/job");
    expect(lines).toContain('+  JobDefs    = "LinuxVMJob"');
    expect(lines.at(-1)).toBe("bacula-dc1-os2-fd: 1 VMs listed; a sync would do: Create 1");
  });

  it("refuses what it does not know, before anything is asked", async () => {
    const wrong = await look(["plan", "--client", "bacula-fd", "--at", "tomorrow"]);
    expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
    expect(wrong.stderr).toContain('clients.conf has no client "bacula-fd"; it has: bacula-dc1-os1-fd');
    const moment = await look(["plan", "--at", "tomorrow"]);
    expect(moment.exitCode).toBe(2);
    expect(moment.stderr).toContain('--at is "tomorrow": it must be a moment that is not over yet, such as +30d');
  });
});

describe("a fleet in which every answer is there", () => {
  beforeAll(async () => {
    await succeed(["sync"]);
    for (const job of ["web01", "held01"]) await bed.console(`run job=backup-dc1-os1-${job} yes\nwait`);
    await bed.fleet("dc1-os1-proxy", `${STAYING}${server("grace01", 7)}${server("held01", 8)}`);
    for (let pass = 0; pass < 2; pass++) await program.run(["sync"], NO_GRACE);
    await succeed(["hold", "held01", "--reason", "legal case 12"]);
    await bed.fleet("dc1-os1-proxy", STAYING);
    await editJob("paused01", "Enabled    = yes", "Enabled    = no");
    await editJob("broken01", '"Default"', '"Nope"');
    await program.run(["sync"]);
  }, 600_000);

  it("has a protected VM", async () => {
    const [vm] = await why("backup-dc1-os1-web01");
    expect(vm).toMatchObject({
      vm: "web01",
      uuid: uuid(1),
      client: "bacula-dc1-os1-fd",
      protection: "Protected",
      phase: "Active",
      jobName: "backup-dc1-os1-web01",
      jobDefs: { name: "DefaultJob", from: "Global" },
      directives: { schedule: "WeeklyCycle", pool: "Default" },
      lastBackup: { level: "F", status: "T" },
      next: [{ message: "Its job runs by Schedule WeeklyCycle; nothing else is due." }],
    });
    const { stdout } = await execa(BIN, ["why", uuid(1).toUpperCase()], { env: program.variables(), extendEnv: false });
    expect(linesOf(stdout)[0]).toBe(`VM web01 (${uuid(1)}) of bacula-dc1-os1-fd is protected.`);
    expect(stdout).toMatch(
      /Policy: +JobDefs DefaultJob from JOBDEFS, Storage File1, Pool Default, Schedule WeeklyCycle/u,
    );
    expect(stdout).toMatch(/Last backup: JobId \d+, level F, status T, ended 20/u);
  });

  it.each([
    ["db01", "Unprotected", "Active", ["NeverRun", "Accepted"]],
    ["broken01", "Unprotected", "Rejected", ["NeverRun", "Rejected", "Accepted"]],
    ["paused01", "Unprotected", "Active", ["DisabledInFile", "NeverRun", "Accepted"]],
    ["scratch", "OptedOut", "OptedOut", ["OptedOut", "OptedOut"]],
    ["old01", "NotListed", "Disabled", ["Missing", "Disabled", "NeverRun", "Kept"]],
    ["grace01", "NotListed", "Missing", ["Missing", "NeverRun", "Kept"]],
    ["held01", "NotListed", "Missing", ["Missing", "Held", "GoodBackup", "Kept"]],
  ])("says of %s that it is %s", async (name, protection, phase, reasons) => {
    const vms = await why(name);
    expect(vms).toHaveLength(1);
    const [{ because, next, ...vm }] = vms;
    expect(vm).toMatchObject({ vm: name, protection, phase });
    expect(because.map(({ reason }: { reason: string }) => reason)).toEqual(reasons);
    expect(next.length).toBeGreaterThan(0);
  });

  it("tells where policy comes from, what was refused, and when the next step is", async () => {
    const [gold] = await why("db01");
    expect(gold.jobDefs).toEqual({ name: "Gold", from: "Tag" });
    const [broken] = await why("broken01");
    expect(JSON.stringify(broken.because)).toContain("Nope");
    const [grace] = await why("grace01");
    expect(grace.next).toEqual([{ at: grace.disableAt, message: expect.stringContaining("disabled") }]);
    const [held] = await why("held01");
    expect(held).toMatchObject({ hold: "legal case 12", next: [{ message: expect.stringContaining("released") }] });
  });

  it("has nobody of a name, and says how sure that is", async () => {
    const run = await look(["why", "web"]);
    expect(run).toMatchObject({ exitCode: 1, stdout: "" });
    expect(run.stderr).toContain(
      'no VM, uuid or job is called "web": not listed by bacula-dc1-os1-fd, bacula-dc1-os2-fd, and none of their job files is for it',
    );
  });

  it("is planned: nothing but what time brings", async () => {
    const run = await look(["plan", "--at", "+30d", "--output", "json"]);
    const { clients, exitCode } = JSON.parse(run.stdout);
    expect(exitCode).toBe(run.exitCode);
    expect(clients[0].actions).toEqual([]);
    const job = "backup-dc1-os1-grace01";
    expect(clients[0].coming).toEqual([{ vm: "grace01", uuid: uuid(7), job, step: "disable", at: expect.any(String) }]);
    expect(clients[1].coming).toEqual([]);
    const soon = await look(["plan", "--at", "+13d"]);
    expect(soon.stdout).toContain("by then 0 would be disabled and 0 purged");
    const never = await look(["plan", "--at", "+200d"], { CLEANUP_AFTER_DAYS: "90" });
    expect(never.stdout).toContain("by then 1 would be disabled and 2 purged");
    expect(never.stdout).not.toContain("held01");
  });

  it("is planned with a diff of each file that policy changes, and what a person wrote stays", async () => {
    const run = await look(["plan", "--vm", "paused01", "--at", "+1d"], { POOL: "GoldPool" });
    const pool = '-  Pool       = "Default"';
    expect(linesOf(run.stdout)).toEqual([
      `bacula-dc1-os1-fd: Edit backup-dc1-os1-paused01 (VM paused01, ${uuid(4)}): ChangedPolicy`,
      "--- datacenter1/openstack1/paused01/job",
      "+++ datacenter1/openstack1/paused01/job",
      expect.stringMatching(/^@@ /u),
      expect.any(String),
      expect.any(String),
      expect.any(String),
      pool,
      pool.replace("-", "+").replace("Default", "GoldPool"),
      expect.any(String),
      expect.any(String),
      expect.any(String),
      expect.stringContaining("Edit 1"),
      expect.stringContaining("a sync would change no file"),
    ]);
    await editJob("db01", 'JobDefs    = "Gold"', 'JobDefs    = "LinuxVMJob"');
    const { stdout } = await look(["plan", "--vm", "db01", "--no-diff"]);
    await editJob("db01", 'JobDefs    = "LinuxVMJob"', 'JobDefs    = "Gold"');
    expect(stdout).toContain('jobDefs is "LinuxVMJob" by hand, policy says "Gold"; sync --apply-policy would edit it');
  });

  it("is reported, totals first, in three forms", async () => {
    const json = await look(["report", "--output", "json"]);
    expect(json.exitCode).toBe(0);
    const { totals, clients, vms } = JSON.parse(json.stdout);
    expect(totals).toEqual({
      live: 6,
      active: 4,
      missing: 2,
      disabled: 1,
      optedOut: 1,
      rejected: 1,
      held: 1,
      unprotected: 4,
    });
    expect(
      clients.map(({ client, counts }: { client: string; counts: { live: number } }) => [client, counts.live]),
    ).toEqual([
      ["bacula-dc1-os1-fd", 5],
      ["bacula-dc1-os2-fd", 1],
    ]);
    const unprotected = vms.filter(({ protection }: { protection: string }) => protection === "Unprotected");
    expect(unprotected).toHaveLength(4);
    expect(unprotected.every(({ reasons }: { reasons: readonly unknown[] }) => reasons.length > 0)).toBe(true);

    const { stdout: csv } = await look(["report", "--output", "csv"]);
    const rows = csv.split("\r\n");
    expect(rows).toHaveLength(1 + 1 + 2 + vms.length + 1);
    expect(rows[1]).toBe("total,,,,,,,,,,,,6,4,2,1,1,1,1,4");
    expect(rows[4]).toMatch(
      new RegExp(`^vm,bacula-dc1-os1-fd,[a-z0-9]+,${uuid(3)},backup-dc1-os1-broken01,Rejected,`, "u"),
    );

    const { stdout: text } = await look(["report"]);
    expect(linesOf(text)[1]).toMatch(/^all +6 +4 +2 +1 +1 +1 +1 +4$/u);
    expect(text).toMatch(
      /^bacula-dc1-os1-fd +db01 +Active +Gold +Tag +- +Unprotected +\S+ +Its job has not run yet\.$/mu,
    );
  });

  it("tells what rule 2 would hold, and by which token", async () => {
    await bed.fleet("dc1-os1-proxy", server("scratch", 5, " backup=false"));
    const run = await look(["plan", "--no-diff"]);
    await bed.fleet("dc1-os1-proxy", STAYING);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(
      /4 of 4 VMs are absent at once: .*run sync --approve-removal bacula-dc1-os1-fd=4-[0-9a-f]+\./u,
    );
    expect(run.stdout).toContain("MarkMissing waiting 4");
  });
});

describe("hold and release", () => {
  it("write one header and not another byte, and say nothing twice", async () => {
    const before = await readTree(bed.baseDir);
    const held = await program.run(["hold", uuid(7), "--reason", "audit 7"]);
    expect(held).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout: `bacula-dc1-os1-fd: backup-dc1-os1-grace01 (VM grace01, ${uuid(7)}) is held: audit 7\n`,
    });
    const after = await readTree(bed.baseDir);
    const path = "datacenter1/openstack1/grace01/job";
    const changed = [...after].filter(([name, text]) => before.get(name) !== text && !name.endsWith("/lock"));
    expect(changed.map(([name]) => name)).toEqual([path]);
    expect(after.get(path)?.replace("#@hold:          audit 7\n", "")).toBe(before.get(path));

    const again = await program.run(["hold", "grace01", "--reason", "audit 7"]);
    expect(again.stdout).toContain("is held already: audit 7");
    const planned = await look(["plan", "--vm", "grace01", "--output", "json"], NO_GRACE);
    expect(JSON.parse(planned.stdout).clients[0].actions).toEqual([]);

    const dry = await look(["release", "grace01"], { DRYRUN: "1" });
    expect(dry.stdout).toContain("DRYRUN: would write: ");
    const released = await program.run(["release", "grace01"]);
    expect(released.stdout).toContain(`is released. It is not listed since 20`);
    expect((await readTree(bed.baseDir)).get(path)).toBe(before.get(path));
    const due = await look(["plan", "--vm", "grace01", "--output", "json"], NO_GRACE);
    expect(JSON.parse(due.stdout).clients[0].actions).toMatchObject([{ action: "Disable" }]);
  });

  it("refuse a name that fits several VMs, with the list of them", async () => {
    const run = await look(["hold", "web01", "--reason", "audit"], { DRYRUN: "1" });
    expect(run).toMatchObject({ exitCode: 1, stdout: "" });
    expect(linesOf(run.stderr).slice(1)).toEqual([
      `  ${uuid(1)}  bacula-dc1-os1-fd  backup-dc1-os1-web01`,
      `  ${uuid(9)}  bacula-dc1-os2-fd  backup-dc1-os2-web01`,
    ]);
    const one = await look(["hold", "web01", "--client", "bacula-dc1-os2-fd", "--reason", "x"], { DRYRUN: "1" });
    expect(one.stdout).toContain(uuid(9));
  });

  it.each([
    [
      "a VM without a job file",
      ["hold", "scratch", "--reason", "x"],
      1,
      'no job file is for a VM, uuid or job "scratch"',
    ],
    ["a reason of two lines", ["hold", "grace01", "--reason", "x\nJob {"], 2, "on one line"],
    ["no reason", ["hold", "grace01"], 2, "--reason"],
  ])("refuse %s", async (_case, args, exitCode, words) => {
    const run = await look(args);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(words);
  });
});

describe("while discovery of a client fails", () => {
  it("its VMs are answered from their files, with the failure, and nothing is decided", async () => {
    await bed.forgetFleet("dc1-os2-proxy");
    const { stdout, stderr, exitCode } = await look(["why", "backup-dc1-os2-web01"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Discovered/PluginError");
    expect(stdout).toContain(`VM web01 (${uuid(9)}) of bacula-dc1-os2-fd is NOT protected.`);
    expect(stdout).toContain("Nothing is decided about it until the VMs of its client can be seen again.");
    const unknown = await look(["why", "nobody"]);
    expect(unknown.stderr).toContain("could not be looked for at bacula-dc1-os2-fd");
    const report = await look(["report"]);
    expect(report.exitCode).toBe(1);
    expect(report.stdout).toContain("bacula-dc1-os2-fd (not seen)");
    const planned = await look(["plan", "--at", "+999d"]);
    expect(planned.exitCode).toBe(1);
    expect(planned.stdout).toContain("bacula-dc1-os2-fd: its VMs could not be seen; a sync would change no file");
  });
});
