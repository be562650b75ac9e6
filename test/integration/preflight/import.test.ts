import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { clientsConf, soundEnvironment } from "./preflight-of.ts";

const PROGRAM = join(import.meta.dirname, "../../../bin/bacula-openstack-sync");
const VM = "014c5892-5efb-4efb-bd60-4e038800475d";
/** The white paper's, 5.1. */
const JOB = `#@vm: rocky9-instance1
#@uuid:          ${VM}
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
`;
const FILE_SET = `FileSet {
  Name = "fs-datacenter1-openstack1-rocky9-instance1"
  Include {
    Options {
      signature = SHA256
      dedup     = sha256
    }
    Plugin = "openstack: proxy_server=dc1-os1-proxy instance=${VM}"
  }
}
`;

let bed: BaculaBed;
let env: Record<string, string>;
let envFile: string;
const folder = () => join(bed.baseDir, "datacenter1/openstack1/rocky9-instance1");

beforeAll(async () => {
  bed = await startBaculaBed({ name: "import" });
  await bed.fleet("dc1-os1-proxy", `server=rocky9-instance1 uuid=${VM}\n`);
  const line = "datacenter1 openstack1 bacula-dc1-os1-fd dc1-os1-proxy backup-dc1-os1-";
  const clients = await clientsConf(bed, "clients.conf", line);
  env = soundEnvironment(bed, clients);
  env["DB_USER"] = bed.catalog.user;
  env["PGPASSWORD"] = bed.catalog.password;
  envFile = join(bed.dir, "sync.env");
  await writeFile(envFile, '# as the white paper has it\nexport GRACE_DAYS=21\nDEDUP_ALGO="sha256"\n');
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), "job"), JOB);
  await writeFile(join(folder(), "fileset"), FILE_SET);
}, 300_000);
afterAll(() => bed?.wipe());
afterEach(() => writeFile(bed.extraDirectorConf, ""));

const tree = async () => (await execa("find", [bed.baseDir, "-printf", "%p %s %T@\\n"])).stdout;

async function importWith(changed: Readonly<Record<string, string>> = {}) {
  const before = await tree();
  const result = await execa(PROGRAM, ["import", "--env-file", envFile, "--director-conf", bed.directorConf], {
    env: { ...env, ...changed },
    extendEnv: false,
    reject: false,
  });
  expect(await tree()).toBe(before);
  const comments = result.stdout.split("\n").filter((line) => line.startsWith("# "));
  return { exitCode: result.exitCode, comments, stdout: result.stdout };
}

describe("import of the white paper's tree", () => {
  it("changes nothing, proves that a sync would change no byte, and prints the OpenStackClient", async () => {
    const { exitCode, comments, stdout } = await importWith();
    expect(comments).toContain("# bacula-dc1-os1-fd: a sync would change no job or fileset file");
    expect(comments).toContain("# no hand-written job backs up one of the VMs");
    expect(exitCode).toBe(0);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as unknown);
    expect(documents.filter((document) => document !== null)).toEqual([
      expect.objectContaining({
        kind: "OpenStackClient",
        metadata: { name: "datacenter1-openstack1" },
        spec: expect.objectContaining({ client: "bacula-dc1-os1-fd", graceDays: 21, dedup: "sha256" }),
      }),
    ]);
  });

  it("says each difference and why", async () => {
    await bed.fleet("dc1-os1-proxy", `server=web02 uuid=${VM.replace("0", "1")}\n`);
    try {
      const { exitCode, comments } = await importWith();
      expect(exitCode).toBe(3);
      expect(comments).toContainEqual(
        expect.stringMatching(/would MarkMissing backup-dc1-os1-rocky9-instance1 .*: not listed any more$/u),
      );
      expect(comments).toContainEqual(expect.stringMatching(/would Create backup-dc1-os1-web02 .*: new$/u));
    } finally {
      await bed.fleet("dc1-os1-proxy", `server=rocky9-instance1 uuid=${VM}\n`);
    }
  });

  it("finds a hand-written job that backs up the same VM", async () => {
    const theirs = FILE_SET.replace("fs-datacenter1-openstack1-rocky9-instance1", "by-hand").replace(
      / *dedup.*\n/u,
      "",
    );
    await bed.addDirectorConf(`${theirs}Job {\n  Name = "by-hand"\n  JobDefs = "DefaultJob"\n  FileSet = "by-hand"\n}`);
    const { exitCode, comments } = await importWith();
    expect(exitCode).toBe(1);
    expect(comments).toContainEqual(
      expect.stringContaining(`VM ${VM} is backed up twice: also by Job "by-hand" (${bed.extraDirectorConf} line`),
    );
  });

  it("holds: the sync that follows leaves every byte of both files", async () => {
    await execa(PROGRAM, ["sync"], {
      env: { ...env, GRACE_DAYS: "21", DEDUP_ALGO: "sha256" },
      extendEnv: false,
      reject: false,
    });
    expect(await readFile(join(folder(), "job"), "utf8")).toBe(JOB);
    expect(await readFile(join(folder(), "fileset"), "utf8")).toBe(FILE_SET);
  });
});
