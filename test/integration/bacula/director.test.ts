import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { runConsole } from "../../../src/bacula/bconsole.ts";
import { createDirector } from "../../../src/bacula/director.ts";
import type { Director } from "../../../src/sync/ports.ts";
import { policyOf } from "./policy-of.ts";

const never = new AbortController().signal;

let bed: BaculaBed;
let settings: { bconsolePath: string; bconsoleConf: string; timeoutMs: number; maxBytes: number };
let director: Director;
/** The Console with a CommandACL. */
let restricted: Director;
const include = () => bed.extraDirectorConf;

beforeAll(async () => {
  bed = await startBaculaBed({ name: "bacula-director", clients: ["test-fd"] });
  settings = {
    bconsolePath: bed.bconsolePath,
    bconsoleConf: bed.bconsoleConf,
    timeoutMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
  };
  director = createDirector({ ...settings, clock: Date });
  restricted = createDirector({ ...settings, bconsoleConf: bed.restrictedBconsoleConf, clock: Date });
}, 300_000);
afterAll(() => bed?.wipe());
afterEach(() => writeFile(include(), ""));

const GOOD = `JobDefs {
  Name = "Gold Plus"
  Type = Backup
  Pool = "Pool of storage"
  Schedule = "Runs elsewhere"
}
JobDefs {
  Name = "Maintenance"
  Type = Admin
  Storage = File1
  Messages = Standard
}
JobDefs {
  Name = "Check"
  Type = Verify
  Verify Job = "backup-new"
}
JobDefs {
  Name = "Own storage"
  Type = Backup
  Storage = File1
  Pool = "Pool of storage"
  Schedule = "Runs elsewhere"
}
Pool {
  Name = "Pool of storage"
  Pool Type = Backup
  Storage = File1
}
Schedule {
  Name = "Runs elsewhere"
  Run = Level=Full Pool="Pool of storage" Messages=Daemon 1st sun at 23:05
}
FileSet {
  Name = "fs-new"
  Include {
    Options {
      signature = SHA256
    }
    File = /etc/hostname
  }
}
Job {
  Name = "backup-new"
  Type = Backup
  Level = Full
  Client = test-fd
  FileSet = "fs-new"
  Storage = File1
  Pool = Default
  Messages = Standard
}
`;
const BAD = `Job {
  Name = "backup-bad"
  JobDefs = "NoSuchDefs"
}
`;

describe("reload", () => {
  it("that succeeds says nothing, and what is new is on the Director's lists", async () => {
    await writeFile(include(), GOOD);
    expect(await director.reload(never)).toEqual({ kind: "reloaded" });
    const resources = await director.resources(never);
    expect(resources).toMatchObject({ kind: "answered" });
    const value = resources.kind === "answered" ? resources.value : undefined;
    expect(value?.jobs).toContain("backup-new");
    expect(value?.fileSets).toContain("fs-new");
    expect(value?.pools).toContain("Pool of storage");
    expect(value?.schedules).toContain("Runs elsewhere");
    expect(value?.clients).toContain("test-fd");
    expect(value?.storages).toContain("File1");
    expect(value?.messages).toEqual(new Set(["Standard", "Daemon"]));
    const jobs = await director.backupJobs(never);
    expect(jobs.kind === "answered" && jobs.value.has("backup-new")).toBe(true);
    expect(jobs.kind === "answered" && jobs.value.has("RestoreFiles")).toBe(false);
  });

  it("that succeeds with messages pending is a good one all the same", async () => {
    await writeFile(include(), GOOD);
    // A refused one leaves its reason in the administrator's messages, which are ours to leave alone.
    await writeFile(include(), BAD);
    await director.reload(never);
    await writeFile(include(), GOOD);
    expect(await director.reload(never)).toEqual({ kind: "reloaded" });
    expect(await bed.console(".clients")).toContain("You have messages.");
  });

  it("that is refused leaves the Director as it was", async () => {
    await writeFile(include(), GOOD);
    await director.reload(never);
    await writeFile(include(), GOOD + BAD);
    expect(await director.reload(never)).toEqual({
      kind: "refused",
      detail: expect.stringContaining("Resetting previous configuration."),
    });
    const jobs = await director.backupJobs(never);
    expect(jobs.kind === "answered" && jobs.value.has("backup-new") && !jobs.value.has("backup-bad")).toBe(true);
  });

  it("is busy when 32 failures have used up the slots, whatever the files are, until the Director restarts", async () => {
    await bed.restartDirector();
    await writeFile(include(), BAD);
    for (let failure = 1; failure <= 31; failure++)
      expect(await director.reload(never)).toMatchObject({ kind: "refused" });
    expect(await director.reload(never)).toMatchObject({ kind: "busy", reason: "OutOfReloadSlots" });
    await writeFile(include(), GOOD);
    expect(await director.reload(never)).toMatchObject({ kind: "busy", reason: "TooManyReloads" });
    await bed.restartDirector();
    expect(await director.reload(never)).toEqual({ kind: "reloaded" });
  }, 120_000);

  it("is unknown while the Director is down", async () => {
    await bed.stopDirector();
    const outcome = await director.reload(never);
    await bed.startDirector();
    expect(outcome).toMatchObject({ kind: "unknown", reason: "DirectorUnreachable" });
  }, 60_000);
});

describe("the JobDefs of the running Director", () => {
  it("have what each sets itself, not what its Pool or Schedule prints", async () => {
    await writeFile(include(), GOOD);
    await director.reload(never);
    for (const console of [director, restricted]) {
      const answer = await console.jobDefs(never);
      expect(answer).toEqual({
        kind: "answered",
        value: expect.arrayContaining([
          { name: "Gold Plus", type: "B", pool: "Pool of storage", schedule: "Runs elsewhere" },
          { name: "Maintenance", type: "D", storage: "File1", messages: "Standard" },
          { name: "Check", type: "V" },
          { name: "Own storage", type: "B", pool: "Pool of storage", schedule: "Runs elsewhere", storage: "File1" },
        ]),
      });
    }
  });
});

describe("running a job", () => {
  it("answers the JobId, and the job really runs", async () => {
    await writeFile(include(), GOOD);
    await director.reload(never);
    const queued = await director.runJob("backup-new", never);
    expect(queued).toEqual({ kind: "answered", value: { jobId: expect.any(Number) } });
    const jobId = queued.kind === "answered" ? queued.value.jobId : 0;
    expect(await restricted.currentJobs(never)).toEqual({ kind: "answered", value: new Set([jobId]) });
    await bed.console("wait");
    expect(await director.currentJobs(never)).toEqual({ kind: "answered", value: new Set() });
    expect(await bed.console(`llist jobid=${jobId}`)).toMatch(/jobstatus: T/);
  }, 60_000);

  it("of a name that the Director does not have starts nothing, and does not hang in the menu", async () => {
    expect(await director.runJob("no-such-job", never)).toMatchObject({ kind: "unknown", reason: "ConsoleFailed" });
  });

  it("of a name that no job can have is a mistake of ours", async () => {
    await expect(director.runJob('x" yes\n@exec "id', never)).rejects.toThrow(/no Bacula resource/);
  });
});

describe("a restricted Console", () => {
  it("sees the same lists, and no notice of messages", async () => {
    expect(await restricted.resources(never)).toEqual(await director.resources(never));
    expect(await restricted.backupJobs(never)).toEqual(await director.backupJobs(never));
    expect(await restricted.reload(never)).toEqual({ kind: "reloaded" });
  });

  it("is told which command it lacks", async () => {
    await writeFile(
      include(),
      'Console {\n  Name = narrow\n  Password = "narrowpw"\n  CommandACL = .jobs\n  JobACL = *all*\n}\n',
    );
    await director.reload(never);
    const bconsoleConf = join(bed.dir, "etc/bconsole-narrow.conf");
    const { director: port } = bed.ports;
    await writeFile(
      bconsoleConf,
      `Director { Name = test-dir; DIRport = ${port}; address = 127.0.0.1; Password = "unused" }\nConsole { Name = narrow; Password = "narrowpw" }\n`,
    );
    const narrow = createDirector({ ...settings, bconsoleConf, clock: Date });
    const refused = (command: string) => ({
      kind: "unknown",
      reason: "NotAuthorized",
      detail: expect.stringContaining(`${command}: add it to its CommandACL`),
    });
    expect(await narrow.backupJobs(never)).toEqual({ kind: "answered", value: new Set(["HandWritten"]) });
    expect(await narrow.runJob("HandWritten", never)).toEqual(refused("run"));
    expect(await narrow.resources(never)).toEqual(refused(".clients"));
    expect(await narrow.jobDefs(never)).toEqual(refused("show"));
    expect(await narrow.reload(never)).toMatchObject({ kind: "unknown", reason: "NotAuthorized" });
    expect(await narrow.listVms(policyOf("test-fd", "p1"), never)).toMatchObject({
      kind: "failed",
      reason: "NotAuthorized",
    });
  });
});

describe("rule 9: the session with the Director", () => {
  it("leaves the administrator's pending messages where they are", async () => {
    await bed.console("messages");
    await writeFile(include(), BAD);
    await director.reload(never);
    await director.resources(never);
    await director.jobDefs(never);
    expect(await bed.console("messages")).toContain("NoSuchDefs");
    await expect(runConsole(settings, ["messages"], { signal: never })).rejects.toThrow(/pending messages/);
  });

  it("does not run the user's .bconsolerc", async () => {
    const home = await mkdtemp(join(tmpdir(), "bconsolerc-"));
    await writeFile(join(home, ".bconsolerc"), `@exec "touch ${home}/was-run"\n`);
    vi.stubEnv("HOME", home);
    expect(await director.backupJobs(never)).toMatchObject({ kind: "answered" });
    vi.unstubAllEnvs();
    expect(await readdir(home)).toEqual([".bconsolerc"]);
    await rm(home, { recursive: true });
  });

  it("dies with us on kill -9, also in the middle of a .query", async () => {
    await bed.fleet("slow", "#sleep 20\n");
    const command = '.query plugin="openstack: proxy_server=slow" client="test-fd" parameter=server';
    const program = `
      import { runConsole } from ${JSON.stringify(new URL("../../../src/bacula/bconsole.ts", import.meta.url).href)};
      await runConsole(${JSON.stringify(settings)}, [${JSON.stringify(command)}], { signal: new AbortController().signal });`;
    const folder = await mkdtemp(join(tmpdir(), "killed-parent-"));
    const parent = spawn(NODE, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, TMPDIR: folder },
    });
    const child = await vi.waitFor(async () => onlyChildOf(parent.pid), { timeout: 10_000 });
    // It is in the .query, and so would not notice that its stdin was closed.
    await setTimeout(500);
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(isRunning(child)).toBe(false), { timeout: 3_000 });
    await rm(folder, { recursive: true });
  }, 30_000);
});

/** Node that runs TypeScript; the one that runs the tests may be older. */
const NODE = fileURLToPath(new URL("../../../node_modules/node/bin/node", import.meta.url));

async function onlyChildOf(pid: number | undefined): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim();
  const child = Number(children);
  if (children === "" || !Number.isInteger(child)) throw new Error(`process ${pid} has the children "${children}"`);
  const program = await readFile(`/proc/${child}/cmdline`, "utf8");
  if (!program.includes("bconsole") || program.includes("setpriv")) throw new Error(`not yet bconsole: ${program}`);
  return child;
}

function isRunning(pid: number): boolean {
  try {
    // A zombie that init has not collected yet has no open files any more.
    return readdirSync(`/proc/${pid}/fd`).length > 0;
  } catch {
    return false;
  }
}
