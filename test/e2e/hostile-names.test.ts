import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf, CANARY, type HostileVm, hostileFleet, VICTIMS } from "../support/e2e/hostile-fleet.ts";
import { condition, type ManagedVm } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";
import { fileIdentities, readBaseDir } from "../support/e2e/tree.ts";

const CLIENT = "dc1-os1";
const PROXY = "dc1-os1-proxy";
const FOLDER = "datacenter1/openstack1";
const FLEET = [...VICTIMS, ...hostileFleet()];

let site: Site;
/** What the Director has of its own. */
let ownJobs: readonly string[];
let ownFileSets: readonly string[];
let ownFiles: readonly string[];
/** The victims' files before anybody hostile came. */
let victimFiles: ReadonlyMap<string, string>;
beforeAll(async () => {
  await rm(CANARY, { force: true });
  site = await Site.open("e2e-hostile-names");
  [ownJobs, ownFileSets] = await Promise.all([names(".jobs"), names(".filesets")]);
  await site.bacula.fleet(PROXY, answerOf(VICTIMS));
  await site.startOperator();
  await site.apply(CLIENT, { interval: "1h" });
  await until(
    () => site.client(CLIENT),
    (client) => condition(client, "Ready") === "True Succeeded",
    "the victims are protected",
  );
  [victimFiles, ownFiles] = await Promise.all([vmFiles(), filesOfBed()]);
  await site.bacula.fleet(PROXY, answerOf(FLEET));
  await site.pass(CLIENT, "hostile");
});
afterAll(() => site.close());

/** What the Director answers to a command that lists names, a name a line. */
async function names(command: string): Promise<readonly string[]> {
  const lines = (await site.bacula.console(command)).split("\n");
  const answer = lines.slice(lines.indexOf(command) + 1);
  return answer.filter((line) => line !== "" && line !== "You have messages.").sort();
}

/** What lies in and beside the folders into which a path in a name could lead. */
async function filesOfBed(): Promise<readonly string[]> {
  const folders = ["", "etc", "fleet"].map((folder) => readdir(join(site.bacula.dir, folder)));
  return (await Promise.all(folders)).flat().sort();
}

/** The VMs' files of the client with their texts, by path. */
async function vmFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await readBaseDir(site.bacula.baseDir))].filter(([path]) => /\/(?:job|fileset)$/u.test(path)));
}

interface Written {
  readonly uuid: string;
  readonly job: string;
  readonly jobDefs: string;
  readonly fileSet: string;
  /** The uuid that the FileSet selects. */
  readonly instance: string;
}

/** The jobs of the volume, read by the few lines that count. */
async function written(): Promise<readonly Written[]> {
  const files = await vmFiles();
  const only = (text: string, pattern: RegExp): string => {
    const [match, ...others] = [...text.matchAll(pattern)];
    if (match?.[1] === undefined || others.length > 0) throw new Error(`not exactly one ${pattern} in ${text}`);
    return match[1];
  };
  return [...files].flatMap(([path, text]) => {
    if (!path.endsWith("/job")) return [];
    const fileset = files.get(path.replace(/job$/u, "fileset")) ?? "";
    const fileSet = only(text, /^ {2}FileSet +=\s"(.*)"$/gmu);
    expect(only(fileset, /^ {2}Name = "(.*)"$/gmu)).toBe(fileSet);
    return [
      {
        uuid: only(text, /^#@uuid: +(\S+)$/gmu),
        job: only(text, /^ {2}Name +=\s"(.*)"$/gmu),
        jobDefs: only(text, /^ {2}JobDefs +=\s"(.*)"$/gmu),
        fileSet,
        instance: only(fileset, /^ {4}Plugin = "openstack: proxy_server=dc1-os1-proxy instance=(\S+)"$/gmu),
      },
    ];
  });
}

const protectedVms = FLEET.flatMap(({ uuid, expected }) => (expected === "optedOut" ? [] : [{ uuid, ...expected }]));
const byUuid = (one: { readonly uuid: string }, other: { readonly uuid: string }) => (one.uuid < other.uuid ? -1 : 1);

describe(`${FLEET.length - VICTIMS.length} VMs with hostile names and tags`, () => {
  it("are listed, and all is well with their client", async () => {
    const client = await site.client(CLIENT);
    expect(condition(client, "Discovered")).toBe("True Listed");
    expect(condition(client, "Published")).toBe("True Published");
    expect(condition(client, "RemovalAllowed")).toBe("True WithinLimits");
    expect(condition(client, "Ready")).toBe("True Succeeded");
    expect(client.status.counts).toMatchObject({
      live: FLEET.length,
      active: protectedVms.length,
      optedOut: FLEET.length - protectedVms.length,
      missing: 0,
      rejected: 0,
      disabled: 0,
    });
  });

  it("have one job each, with the JobDefs of their own record and of nobody else's", async () => {
    const jobs = [...(await written())].sort(byUuid);
    expect(jobs.map(({ uuid, jobDefs }) => ({ uuid, jobDefs }))).toEqual(
      [...protectedVms].sort(byUuid).map(({ uuid, jobDefs }) => ({ uuid, jobDefs })),
    );
    expect(jobs.map(({ instance }) => instance)).toEqual(jobs.map(({ uuid }) => uuid));
  });

  it("change nothing of the VMs that were there before", async () => {
    const files = await vmFiles();
    expect([...victimFiles.keys()].sort()).toEqual(
      ["gold", "plain"].flatMap((slug) => [`${FOLDER}/${slug}/fileset`, `${FOLDER}/${slug}/job`]),
    );
    expect([...victimFiles.keys()].map((path) => [path, files.get(path)])).toEqual([...victimFiles]);
  });

  it("have names of allowed characters that differ without case, and lie in folders of their own", async () => {
    const jobs = await written();
    for (const { job, fileSet } of jobs) {
      expect(job).toMatch(/^backup-dc1-os1-[A-Za-z0-9:_][A-Za-z0-9:._-]*$/u);
      expect(Math.max(job.length, fileSet.length)).toBeLessThanOrEqual(104);
    }
    expect(new Set(jobs.map(({ job }) => job.toLowerCase())).size).toBe(jobs.length);
    expect(new Set(jobs.map(({ fileSet }) => fileSet.toLowerCase())).size).toBe(jobs.length);
    const folders = jobs.map(({ job }) => `${FOLDER}/${job.slice("backup-dc1-os1-".length)}`);
    expect([...(await readBaseDir(site.bacula.baseDir)).keys()].sort()).toEqual(
      [
        "include.conf",
        `${FOLDER}/published.conf`,
        ...folders.flatMap((folder) => [`${folder}/job`, `${folder}/fileset`]),
      ].sort(),
    );
  });

  it("bring nothing else into the Director, and its configuration is right", async () => {
    const jobs = await written();
    expect(await names(".jobs")).toEqual([...ownJobs, ...jobs.map(({ job }) => job)].sort());
    expect(await names(".jobs type=B")).toEqual(["HandWritten", ...jobs.map(({ job }) => job)].sort());
    expect(await names(".filesets")).toEqual([...ownFileSets, ...jobs.map(({ fileSet }) => fileSet)].sort());
    const [program = "", ...options] = site.bacula.directorTestCommand.split(" ");
    const { exitCode, stdout } = await execa(program, options, { reject: false, all: true });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("run nothing, and write nothing outside of their folders", async () => {
    expect(await filesOfBed()).toEqual(ownFiles);
    await expect(access(CANARY)).rejects.toThrow("ENOENT");
    const text = [...(await readBaseDir(site.bacula.baseDir)).values()].join("");
    expect(text).not.toMatch(/[^\P{Cc}\n\t]/u);
    expect(text).not.toMatch(/[\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
  });

  it("are shown each by a ManagedVM of its own, which says what became of it", async () => {
    const [vms, jobs] = await Promise.all([site.managedVms(), written()]);
    const jobOf = new Map(jobs.map(({ uuid, job }) => [uuid, job]));
    const shown = vms.map(({ spec: { uuid }, status: { phase, jobName } }) => ({ uuid, phase, jobName }));
    expect(shown.sort(byUuid)).toEqual(
      FLEET.map(({ uuid, expected }) => ({
        uuid,
        phase: expected === "optedOut" ? "OptedOut" : "Active",
        jobName: jobOf.get(uuid),
      })).sort(byUuid),
    );
    const objects = new Map(vms.map((vm) => [vm.spec.uuid, vm]));
    const conditions = (vm: HostileVm, ...types: string[]) => {
      const object = objects.get(vm.uuid);
      return types.map((type) => (object === undefined ? "no object" : condition(object, type)));
    };
    const types = ["Ready", "Published", "PolicyAccepted", "Stalled", "Reconciling"];
    expect(FLEET.map((vm) => [vm.name, vm.metadata, ...conditions(vm, ...types)])).toEqual(
      FLEET.map(({ name, metadata, expected }) => [name, metadata, ...conditionsFor(expected), undefined, undefined]),
    );
    for (const { spec } of vms) expect(spec.vmName).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
  });

  function conditionsFor(expected: HostileVm["expected"]): readonly (string | undefined)[] {
    return expected === "optedOut"
      ? ["True OptedOut", "False OptedOut", undefined]
      : ["True Succeeded", "True Published", expected.policy];
  }

  it("are the same VMs in the next answer, in whatever order: nothing is written", async () => {
    const before = await present();
    await site.bacula.fleet(PROXY, answerOf([...FLEET].reverse()));
    await site.pass(CLIENT, "reversed");
    expect(await present()).toEqual(before);
  });

  async function present() {
    const [files, vms] = await Promise.all([fileIdentities(site.bacula.baseDir), site.managedVms()]);
    const kept = [...files].filter(([path]) => !path.startsWith(".bacula-openstack-sync/"));
    return { files: kept, versions: versions(vms) };
  }
});

function versions(vms: readonly ManagedVm[]): readonly string[] {
  return vms.map(({ metadata: { name, resourceVersion } }) => `${name} ${resourceVersion}`).sort();
}

describe("a name with newlines, which makes records of its own", () => {
  const FORGER = "cccccccc-0000-4000-8000-000000000001";
  const FORGED = "cccccccc-0000-4000-8000-000000000002";
  const [gold = "", plain = "", out = ""] = VICTIMS.map(({ uuid }) => uuid);

  let before: Awaited<ReturnType<typeof others>>;
  beforeAll(async () => {
    before = await others();
  });

  it.each<readonly [string, string, string]>([
    ["a record without a uuid", `x\nserver=y uuid=${gold} backup=false\nserver=z`, "False UnreadableAnswer"],
    ["an error of the plugin", `x uuid=${FORGER}\nerror=plugin not found\nserver=y`, "False PluginError"],
    ["an error of the Director", `x uuid=${FORGER}\n[DE0029] gone\nserver=y`, "False ClientUnreachable"],
    ["a command", `x uuid=${FORGER}\n@exec "touch ${CANARY}"\nserver=y`, "False UnreadableAnswer"],
    ["an echo of the console", `x uuid=${FORGER}\n.jobs type=B\nserver=y`, "False UnreadableAnswer"],
    ["the end of the answer (NUL)", "x\0", "False UnreadableAnswer"],
    ["another VM by its name, without its tag", `x uuid=${FORGED}\nserver=gold uuid=${gold}\nserver=y`, "True Listed"],
    ["another VM, one token a line", `x\nuuid=${gold}\nbackup=false\nserver=y`, "True Listed"],
    [
      "an opt-out, a tag and an opt-in for others",
      `x uuid=${gold} backup=false\nserver=x uuid=${plain} tag=Gold\nserver=x uuid=${out}\nserver=y`,
      "True Listed",
    ],
    ["a VM that does not exist", `x uuid=${FORGED} tag=NoSuchDefs\nserver=y`, "True Listed"],
  ])("changes nothing of any other VM: %s", async (what, name, told) => {
    await site.bacula.fleet(PROXY, answerOf([...FLEET, { uuid: FORGER, name }]));
    const client = await site.pass(CLIENT, what.replaceAll(/[^a-z]+/giu, "-"));
    expect(condition(client, "Discovered")).toBe(told);
    expect(await others()).toEqual(before);
    const jobs = await written();
    expect(await names(".jobs")).toEqual([...ownJobs, ...jobs.map(({ job }) => job)].sort());
    await expect(access(CANARY)).rejects.toThrow("ENOENT");
  });

  /** Files and objects of all VMs but the forger's and those that the forger invented. */
  async function others() {
    const [files, vms] = await Promise.all([vmFiles(), site.managedVms()]);
    const theirs = ({ spec }: ManagedVm) => spec.uuid !== FORGER && spec.uuid !== FORGED;
    return {
      files: [...files].filter(([, text]) => !text.includes("cccccccc-")),
      versions: versions(vms.filter(theirs)),
    };
  }
});
