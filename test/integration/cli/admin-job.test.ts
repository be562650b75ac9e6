import { chmod, chown, copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { CommandLine, type Variables } from "../../support/cli/command-line.ts";
import { until } from "../../support/e2e/site.ts";

const SCRIPTS = fileURLToPath(new URL("../../../scripts", import.meta.url));
const RUN = join(SCRIPTS, "run-openstack-sync.sh");
const PROGRAM = fileURLToPath(new URL("../../../bin/bacula-openstack-sync", import.meta.url));
const NOBODY = 65_534;

/** White paper 8.3: without quotes around the command it is no command for the Director. */
const PRINTED =
  "@|sh -c 'find /opt/bacula/etc/openstack -type f \\( -name job -o -name fileset \\) -print0 | xargs -0 -I{} echo @{}'";

let bed: BaculaBed;
let program: CommandLine;
let environment: string;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "cli-admin", clients: ["bacula-dc1-os1-fd"] });
  await bed.fleet("dc1-os1-proxy", "server=web01 uuid=22222222-2222-4222-8222-222222222222\n");
  program = await CommandLine.create(bed, "datacenter1 openstack1 bacula-dc1-os1-fd dc1-os1-proxy backup-dc1-os1-\n");
  environment = join(program.folder, "openstack-sync.env");
  await writeEnvironment();
});
afterAll(async () => {
  await program.remove();
  await bed.wipe();
});

/** The environment file of the white paper (4.2), with the bed's places. */
async function writeEnvironment(change: Variables = {}): Promise<void> {
  // The program is started by the Node that runs this test, as it would be by the one on the Director's PATH.
  const path = `${join(process.execPath, "..")}:${process.env["PATH"] ?? ""}`;
  const variables = { ...program.variables(change), PATH: path, OPENSTACK_SYNC_PROGRAM: PROGRAM };
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(environment, lines.join(""));
  await chmod(environment, 0o640);
}

/** Runs the Admin job to its end; its log as the catalog has it. */
async function adminJob(): Promise<{ readonly log: string; readonly status: string }> {
  const answer = await bed.console("run job=OpenStackVMSync yes");
  const jobId = /JobId=(\d+)/u.exec(answer)?.[1] ?? "none";
  const row = await until(
    () => bed.console(`list jobid=${jobId}`),
    (list) => /\| [TEf] +\|\s*$/mu.test(list),
    "the Admin job has ended",
    90_000,
  );
  const log = await bed.console(`list joblog jobid=${jobId}`);
  return { log, status: /\| ([TEf]) +\|\s*$/mu.exec(row)?.[1] ?? "" };
}

describe("the Admin job of scripts/openstack-sync.conf (white paper 8.2)", () => {
  it("is taken by the Director as it stands, but for its place", async () => {
    const text = await readFile(join(SCRIPTS, "openstack-sync.conf"), "utf8");
    const command = 'Command      = "/opt/bacula/scripts/run-openstack-sync.sh"';
    expect(text).toContain(command);
    await bed.addDirectorConf(text.replace(command, `Command      = "${RUN} ${environment}"`));
    expect(await bed.console("reload")).not.toMatch(/error/iu);
    expect(await bed.console(".jobs type=D")).toContain("OpenStackVMSync");
    expect(await bed.console("show job=OpenStackVMSync")).toMatch(/Priority=9/u);
  });

  it("syncs, with the program's words in its log", async () => {
    const { log, status } = await adminJob();
    expect(log).toMatch(/BeforeJob: bacula-dc1-os1-fd: Create backup-dc1-os1-web01 \(VM web01/u);
    expect(log).toMatch(/Admin OK/u);
    expect(status).toBe("T");
    expect(await bed.console(".jobs type=B")).toContain("backup-dc1-os1-web01");
  });

  it("fails when the sync fails, with the error in its log", async () => {
    await writeEnvironment({ PGPASSWORD: "wrong" });
    const { log, status } = await adminJob();
    await writeEnvironment();
    expect(log).toMatch(/BeforeJob: ERROR: cannot connect to the PostgreSQL catalog for bacula-dc1-os1-fd/u);
    expect(log).toMatch(/returned non-zero status=1/u);
    expect(status).toBe("E");
  });

  it("loads the same jobs by the search form of the include line, and not by the printed one", async () => {
    const configuration = await readFile(bed.directorConf, "utf8");
    const include = `@${join(bed.baseDir, "include.conf")}`;
    expect(configuration).toContain(include);
    const shipped = /^# {3}(@\|.*)$/mu.exec(await readFile(join(SCRIPTS, "openstack-sync.conf"), "utf8"))?.[1] ?? "";
    const jobsWith = async (line: string) => {
      await writeFile(
        bed.directorConf,
        configuration.replace(include, line.replaceAll("/opt/bacula/etc/openstack", bed.baseDir)),
      );
      await bed.restartDirector();
      return bed.console(".jobs type=B");
    };
    try {
      expect(await jobsWith(shipped)).toContain("backup-dc1-os1-web01");
      await expect(jobsWith(PRINTED)).rejects.toThrow("Expected a Resource name identifier, got: -c");
    } finally {
      await jobsWith(include);
    }
  });
});

describe("run-openstack-sync.sh", () => {
  const run = (args: readonly string[]) => execa(RUN, args, { reject: false, env: program.variables() });

  it.each([
    [0o646, "so that others can write it"],
    [0o660, "so that its group can write it"],
  ])("refuses an environment file of mode %o, whose writers would run commands", async (mode, words) => {
    await writeEnvironment({ BASE_DIR: "$(touch /tmp/never)" });
    await chmod(environment, mode);
    expect(await run([environment])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words), stdout: "" });
    await writeEnvironment();
  });
  it("refuses one in a folder that others can write, of another user, or that is not there", async () => {
    await chmod(program.folder, 0o777);
    expect(await run([environment])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("others can write"),
    });
    await chmod(program.folder, 0o700);
    await chown(environment, NOBODY, NOBODY);
    expect(await run([environment])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("could run commands"),
    });
    await chown(environment, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    const missing = await run([join(program.folder, "none.env")]);
    expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("there is no environment file") });
  });
  it("warns of one that others can read, and runs another command with its options", async () => {
    await chmod(environment, 0o644);
    const { exitCode, stderr, stdout } = await run([environment, "sync", "--output", "json"]);
    await writeEnvironment();
    expect(exitCode).toBe(0);
    expect(stderr).toContain("so that others can read it: chmod 640");
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0 });
  });
});

describe("a user who may write nothing but BASE_DIR", () => {
  it("syncs", async () => {
    await bed.fleet(
      "dc1-os1-proxy",
      "server=web01 uuid=22222222-2222-4222-8222-222222222222\nserver=new uuid=77777777-7777-4777-8777-777777777777\n",
    );
    const bconsole = join(program.folder, "bconsole.conf");
    await copyFile(bed.restrictedBconsoleConf, bconsole);
    await chmod(bconsole, 0o644);
    await chmod(program.folder, 0o755);
    await execa("chown", ["-R", `${NOBODY}:${NOBODY}`, bed.baseDir]);
    const result = await execa(
      "setpriv",
      [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", process.execPath, PROGRAM, "sync"],
      { env: program.variables({ B_CONSOLE_CONF: bconsole }), extendEnv: false, reject: false, cwd: "/" },
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toContain("Create backup-dc1-os1-new");
    expect(await bed.console(".jobs type=B")).toContain("backup-dc1-os1-new");
  });
});
