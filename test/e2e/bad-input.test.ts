import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition, message, type OpenStackClient } from "../support/e2e/kube-objects.ts";
import { Site, type SpecOverrides, until } from "../support/e2e/site.ts";
import { mountSmallVolume, unmountLeftover, unmountSmallVolume } from "../support/e2e/small-volume.ts";
import { readBaseDir } from "../support/e2e/tree.ts";

const BED = "e2e-bad-input";
/** The client whose VMs are protected before anything goes wrong; asked every second. */
const GOOD = "dc1-os1";
const PROXY = "dc1-os1-proxy";

let site: Site;
let operator: OperatorProcess;
let vms = 3;
beforeAll(async () => {
  unmountLeftover(BED);
  site = await Site.open(BED, ["bacula-dc1-os1-fd", "bacula-dc1-os2-fd", "bacula-dc1-os3-fd", "bacula-dc1-os4-fd"]);
  mountSmallVolume(site.bacula.baseDir);
  await site.bacula.fleet(PROXY, fleetOf(vms));
  operator = await site.startOperator({ BCONSOLE_MAX_BYTES: "1000000" });
  await site.apply(GOOD, { interval: "1s" });
  await whenReady(GOOD);
});
afterAll(async () => {
  unmountSmallVolume(site.bacula.baseDir);
  await site.close();
});

function fleetOf(count: number): string {
  const digits = (index: number): string => String(index).padStart(12, "0");
  return Array.from({ length: count }, (_, n) => `server=vm${n} uuid=00000000-0000-4000-8000-${digits(n)}\n`).join("");
}

async function whenReady(name: string): Promise<OpenStackClient> {
  return until(
    () => site.client(name),
    (client) => condition(client, "Ready") === "True Succeeded",
    `${name} is Ready`,
    45_000,
  );
}

async function when(name: string, type: string, wanted: string): Promise<OpenStackClient> {
  return until(
    () => site.client(name),
    (client) => condition(client, type) === wanted,
    `${type} of ${name} is ${wanted}`,
  );
}

/** Resolves when one more pass has ended, whatever it found. */
async function anotherPass(name: string, what: string): Promise<void> {
  await site.pass(name, what.replaceAll(" ", "-"));
}

async function addVm(): Promise<void> {
  vms += 1;
  await site.bacula.fleet(PROXY, fleetOf(vms));
}

async function whenLastIsProtected(): Promise<void> {
  const added = `backup-dc1-os1-vm${vms - 1}`;
  await until(
    () => site.directorJobs(),
    (jobs) => jobs.includes(added),
    `the Director has ${added}`,
    45_000,
  );
}

/** The files, and which version each ManagedVM has: what must not change while something is unknown. */
async function present() {
  const [files, objects] = await Promise.all([readBaseDir(site.bacula.baseDir), site.managedVms()]);
  return { files, versions: objects.map(({ metadata: { name, resourceVersion } }) => `${name} ${resourceVersion}`) };
}

describe("a spec that names what the Director does not have", () => {
  const SPEC: SpecOverrides = {
    openstack: "openstack2",
    client: "bacula-dc1-os2-fd",
    jobPrefix: "backup-dc1-os2-",
    interval: "1s",
  };

  it.each([
    ["pool", "NoPool", "Pool", ["Default", "GoldPool"]],
    ["jobDefs", "NoDefs", "JobDefs of type Backup", ["DefaultJob", "Gold", "LinuxVMJob"]],
    ["jobDefs", "AdminDefs", "JobDefs of type Backup", ["DefaultJob", "Gold", "LinuxVMJob"]],
    ["schedule", "NoSchedule", "Schedule", ["DailyCycle", "WeeklyCycle"]],
    ["messages", "NoMessages", "Messages", ["Daemon", "Standard"]],
    ["storage", "NoStorage", "Storage", ["File1"]],
  ])(
    "%s %s: the condition names it and what there is, and nothing is published",
    async (field, name, kind, existing) => {
      await site.apply("unknown", { ...SPEC, [field]: name });
      const client = await until(
        () => site.client("unknown"),
        (object) => message(object, "Published").includes(name),
        `Published names ${name}`,
      );
      expect(condition(client, "Published")).toBe("False UnknownReference");
      expect(condition(client, "Ready")).toBe("False UnknownReference");
      expect(condition(client, "Stalled")).toBe("True UnknownReference");
      expect(message(client, "Published")).toContain(
        `"${name}" is not a ${kind} of the Director; it has: ${existing.join(", ")}. `,
      );
      await expectNothingOf("openstack2", "backup-dc1-os2-");
    },
  );

  it("a Client that is missing: the same, and the listing says so too", async () => {
    await site.apply("nobody", { ...SPEC, openstack: "openstack9", client: "nobody-fd", jobPrefix: "backup-nobody-" });
    const client = await when("nobody", "Discovered", "False ClientUnknown");
    expect(condition(client, "Published")).toBe("False UnknownReference");
    expect(message(client, "Published")).toContain('"nobody-fd" is not a Client of the Director; it has: ');
    expect(message(client, "Published")).toContain("bacula-dc1-os1-fd, bacula-dc1-os2-fd");
    await expectNothingOf("openstack9", "backup-nobody-");
    await site.remove("nobody");
  });

  it("corrected, protects the VMs; the other client was never disturbed", async () => {
    await site.apply("unknown", SPEC);
    await whenReady("unknown");
    const jobs = await site.directorJobs();
    expect(jobs.filter((job) => job.startsWith("backup-dc1-os2-"))).toHaveLength(vms);
    await whenReady(GOOD);
    await site.remove("unknown");
  });

  async function expectNothingOf(openstack: string, prefix: string): Promise<void> {
    const paths = [...(await readBaseDir(site.bacula.baseDir)).keys()];
    expect(paths.filter((path) => /\/(?:job|fileset)$/u.test(path) && path.includes(`/${openstack}/`))).toEqual([]);
    expect((await site.directorJobs()).filter((job) => job.startsWith(prefix))).toEqual([]);
  }
});

describe("a wrong spec", () => {
  it.each<[string, SpecOverrides, string]>([
    ["a changed client", { client: "bacula-dc1-os2-fd" }, "client is immutable"],
    ["a changed jobPrefix", { jobPrefix: "other-" }, "jobPrefix is immutable"],
    ["a changed openstack", { openstack: "openstack7" }, "openstack is immutable"],
    ["an interval that is no duration", { interval: "soon" }, "spec.interval"],
    ["an interval of nothing", { interval: "0s" }, "interval is from 1s to 168h"],
    ["a purge after 0 days", { cleanupAfterDays: 0 }, "leave it out for never"],
    ["a grace below 0", { graceDays: -1 }, "spec.graceDays"],
    ["a line break in a name", { pool: "Default\n@exec" }, "spec.pool"],
    ["a quote in the proxy", { proxyServer: 'x" reload' }, "spec.proxyServer"],
    ["a mode that does not exist", { mode: "Maybe" }, "spec.mode"],
    ["a field that does not exist", { intervall: "5m" }, "intervall"],
  ])("is refused by the API server with a message: %s", async (_case, overrides, text) => {
    await expect(site.apply(GOOD, overrides)).rejects.toThrow(text);
  });
});

describe("something that cannot be seen", () => {
  interface Outage {
    readonly what: string;
    readonly begin: () => Promise<void>;
    readonly end: () => Promise<void>;
    readonly told: string;
  }
  const answer = (text: string) => async () => site.bacula.fleet(PROXY, text);
  const nothing = async (): Promise<void> => undefined;
  const outages: readonly Outage[] = [
    {
      what: "the Director is down",
      begin: () => site.bacula.stopDirector(),
      end: () => site.bacula.startDirector(),
      told: "False DirectorUnreachable",
    },
    {
      what: "the File Daemon is down",
      begin: () => site.bacula.stopFd(),
      end: () => site.bacula.startFd(),
      told: "False ClientUnreachable",
    },
    {
      what: "the File Daemon has no plugin",
      begin: () => site.bacula.restartFd({ plugins: false }),
      end: () => site.bacula.restartFd(),
      told: "False EmptyAnswer",
    },
    {
      what: "the File Daemon has other plugins",
      begin: () => site.bacula.restartFd({ plugins: "bpipe" }),
      end: () => site.bacula.restartFd(),
      told: "False PluginError",
    },
    {
      what: "the plugin fails",
      begin: answer("#error\n"),
      end: nothing,
      told: "False PluginError",
    },
    {
      what: "the plugin fails with words",
      begin: answer("#fatal keystone says 401\n"),
      end: nothing,
      told: "False PluginError",
    },
    { what: "the answer is empty", begin: answer(""), end: nothing, told: "False EmptyAnswer" },
    {
      what: "the answer has a line that is no record",
      begin: answer(`${fleetOf(2)}Traceback (most recent call last):\n`),
      end: nothing,
      told: "False UnreadableAnswer",
    },
    {
      what: "the answer is longer than allowed",
      begin: async () => site.bacula.fleet(PROXY, `#lines\n${fleetOf(30_000)}`),
      end: nothing,
      told: "False AnswerTooLarge",
    },
  ];

  it.each(outages)("changes no file and no ManagedVM, and recovers by itself: $what", async (outage) => {
    await whenReady(GOOD);
    const before = await present();
    await outage.begin();
    try {
      const client = await when(GOOD, "Discovered", outage.told);
      expect(condition(client, "Ready")).toBe(outage.told);
      expect(condition(client, "Reconciling")).toBe("True ProgressingWithRetry");
      expect(message(client, "Discovered")).not.toBe("");
      expect(await present()).toEqual(before);
    } finally {
      await outage.end();
    }

    await addVm();
    await whenLastIsProtected();
    await whenReady(GOOD);
    expect(await site.managedVms(GOOD)).toHaveLength(vms);
    const after = await readBaseDir(site.bacula.baseDir);
    const old = [...before.files].filter(([path]) => /\/(?:job|fileset)$/u.test(path));
    expect(old.map(([path]) => [path, after.get(path)])).toEqual(old);
  });

  it("decides nothing without the catalog, also about a VM that it sees", async () => {
    await whenReady(GOOD);
    const before = await present();
    await site.bacula.stopCatalog();
    try {
      await addVm();
      // The Director itself asks for its catalog for 30 s at each login.
      const client = await until(
        () => site.client(GOOD),
        (object) => condition(object, "CatalogReachable") === "False CatalogUnreachable",
        "CatalogReachable is False",
        60_000,
      );
      expect(message(client, "Discovered")).toContain(`${vms} VMs are listed`);
      expect(condition(client, "Ready")).toBe("False CatalogUnreachable");
      expect(await present()).toEqual(before);
    } finally {
      await site.bacula.startCatalog();
    }
    await whenLastIsProtected();
    await whenReady(GOOD);
  });

  it("makes nothing for a client whose File Daemon refuses the password", async () => {
    const before = await present();
    const client = "wrongpw-fd";
    await site.apply(client, { openstack: client, client, jobPrefix: `backup-${client}-`, interval: "1s" });
    await when(client, "Discovered", "False ClientUnreachable");
    const after = await present();
    const fresh = [...after.files.keys()].filter((path) => !before.files.has(path) && !path.endsWith("published.conf"));
    expect(fresh).toEqual([]);
    expect(after.versions).toEqual(before.versions);
    await site.remove(client);
  });
});

describe("a volume that cannot be written", () => {
  /** Somebody may just be writing. */
  async function remount(how: "ro" | "rw"): Promise<void> {
    const mount = async (): Promise<boolean> => {
      execFileSync("mount", ["-o", `remount,${how}`, site.bacula.baseDir], { stdio: "pipe" });
      return true;
    };
    await until(mount, (done) => done, `BASE_DIR is ${how}`);
  }

  it.each<[string, () => Promise<void>, () => Promise<void>, string]>([
    ["read-only", () => remount("ro"), () => remount("rw"), "False NotWritable"],
    [
      "full",
      async () => fill(join(site.bacula.baseDir, "ballast")),
      async () => rmSync(join(site.bacula.baseDir, "ballast")),
      "False NoSpace",
    ],
  ])("%s: is told, leaves no half file, and is written when it can be", async (_case, begin, end, told) => {
    await whenReady(GOOD);
    const before = await readBaseDir(site.bacula.baseDir);
    await begin();
    try {
      await addVm();
      const client = await when(GOOD, "Published", told);
      expect(condition(client, "Ready")).toBe(told);
      await anotherPass(GOOD, told);
      const during = new Map(await readBaseDir(site.bacula.baseDir));
      during.delete("ballast");
      expect(during).toEqual(before);
    } finally {
      await end();
    }
    await whenLastIsProtected();
    await whenReady(GOOD);
  });

  /** Leaves no byte free. */
  function fill(file: string): void {
    try {
      writeFileSync(file, Buffer.alloc(1 << 22));
    } catch {
      // It is full now, as wanted.
    }
  }
});

describe("two OpenStackClients that claim the same", () => {
  it.each<[string, SpecOverrides, string]>([
    ["client", { openstack: "openstack3", jobPrefix: "backup-dc1-os3-" }, "ClientTaken"],
    ["prefix", { openstack: "openstack3", client: "bacula-dc1-os3-fd" }, "JobPrefixTaken"],
    ["folder", { client: "bacula-dc1-os3-fd", jobPrefix: "backup-dc1-os3-" }, "FolderTaken"],
  ])("the younger is Stalled and touches nothing: %s", async (what, overrides, reason) => {
    const before = await present();
    const name = `younger-${what}`;
    await site.apply(name, { ...overrides, interval: "1s" });
    const younger = await when(name, "Stalled", `True ${reason}`);
    expect(condition(younger, "Ready")).toBe(`False ${reason}`);
    expect(message(younger, "Stalled")).toContain(GOOD);
    await anotherPass(GOOD, reason);
    expect(condition(await site.client(GOOD), "Ready")).toBe("True Succeeded");
    expect(await present()).toEqual(before);
    await site.remove(name);
  });
});

describe("a File Daemon that hangs", () => {
  it("is given up in time, is not asked again soon, and nothing is changed", async () => {
    await operator.stop();
    await site.bacula.startMuteFd();
    await site.startOperator({ BCONSOLE_TIMEOUT: "3s" }, "impatient");
    const before = await present();
    await site.apply("mute", { openstack: "mute", client: "mute-fd", jobPrefix: "backup-mute-", interval: "1s" });
    await when("mute", "Discovered", "False TimedOut");
    await anotherPass("mute", "again");
    expect(message(await site.client("mute"), "Discovered")).toContain("Not asked: the last .query");
    expect(await present()).toEqual(before);
    await whenReady(GOOD);
  });
});
