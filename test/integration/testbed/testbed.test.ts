import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";

const BED_MODULE = "../../../hack/testbed/bacula-bed.ts";
const VM = "014c5892-5efb-4efb-bd60-4e038800475d";
const QUERY = (client: string): string =>
  `.query plugin="openstack: proxy_server=dc1-os1-proxy" client=${client} parameter=server`;

/** Every process of this machine whose command line names the folder. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (commandLine.includes(`${folder}/`)) found.push(`${pid} ${commandLine.replaceAll("\0", " ")}`);
  }
  return found;
}

describe("the Bacula bed", () => {
  let bed: BaculaBed;

  beforeAll(async () => {
    bed = await startBaculaBed({ name: "testbed-test" });
  });
  afterAll(() => bed.wipe());

  it("answers .query with the fleet's bytes, for every Client of the one File Daemon", async () => {
    await bed.fleet("dc1-os1-proxy", `id=${VM} name=web01\n`);
    const answer = await bed.restrictedConsole(`${QUERY("bacula-dc1-os1-fd")}\n${QUERY("bacula-dc2-os1-fd")}`);
    expect(answer.match(new RegExp(`^id=${VM} name=web01$`, "gm"))).toHaveLength(2);
  });

  it.each([
    ["wrongpw-fd", "Check the passwords"],
    ["down-fd", "Connection refused"],
  ])("fails for %s as such a File Daemon does", async (client, text) => {
    expect(await bed.console(QUERY(client))).toContain(text);
  });

  it("has a File Daemon without a plugin, which answers nothing, and one with another plugin", async () => {
    await bed.restartFd({ plugins: false });
    const bare = await bed.restrictedConsole(QUERY("bacula-dc1-os1-fd"));
    expect(bare.trimEnd().endsWith(QUERY("bacula-dc1-os1-fd"))).toBe(true);
    await bed.restartFd({ plugins: "bpipe" });
    expect(await bed.restrictedConsole(QUERY("bacula-dc1-os1-fd"))).toContain("error=plugin not found");
    await bed.restartFd();
    expect(await bed.restrictedConsole(QUERY("bacula-dc1-os1-fd"))).toContain(VM);
  });

  it("lists what its Director is said to have", async () => {
    const lists = await bed.restrictedConsole(".clients\n.pools\n.storage\n.schedule\n.msgs\nshow all");
    const names = "down-fd wrongpw-fd mute-fd Default GoldPool File1 WeeklyCycle DailyCycle Standard Daemon".split(" ");
    expect(lists.split("\n")).toEqual(expect.arrayContaining(names));
    for (const defs of ["DefaultJob", "LinuxVMJob", "Gold", "AdminDefs"]) {
      expect(lists).toContain(`JobDefs: name=${defs} `);
    }
  });

  it("runs a backup of a job in include.conf to its good end", async () => {
    await writeFile(
      join(bed.baseDir, "include.conf"),
      `FileSet {
  Name = "fs-web01"
  Include {
    Options { signature = SHA256 }
    Plugin = "openstack: proxy_server=dc1-os1-proxy instance=${VM}"
  }
}
Job {
  Name = "backup-web01"
  JobDefs = "Gold"
  Client = "bacula-dc1-os1-fd"
  FileSet = "fs-web01"
}
`,
    );
    await bed.console("reload\nrun job=backup-web01 yes\nwait");
    const client = new Client(bed.catalog);
    await client.connect();
    try {
      const { rows } = await client.query("SELECT jobstatus, jobfiles FROM job WHERE name = 'backup-web01'");
      expect(rows).toEqual([{ jobstatus: "T", jobfiles: 1 }]);
    } finally {
      await client.end();
    }
  });

  it("has a File Daemon that accepts connections and says nothing", async () => {
    await bed.startMuteFd();
    const asked = bed.console(QUERY("mute-fd"));
    await vi.waitUntil(() => bed.muteFdConnections > 0, { timeout: 20_000 });
    bed.stopMuteFd();
    await expect(asked).resolves.toContain(QUERY("mute-fd"));
  });

  it("keeps the Director's words about somebody else's broken configuration", async () => {
    await bed.addDirectorConf("Pool { Nonsense = yes }");
    expect(await bed.console("reload")).toContain("Please correct configuration file");
    // The Director writes it when the console has its answer already.
    await vi.waitUntil(async () => (await bed.daemonLog()).includes("Nonsense"), { timeout: 20_000 });
    await bed.stopDirector();
    await expect(bed.startDirector()).rejects.toThrow("director ended at its start");
    await writeFile(bed.extraDirectorConf, "");
    await bed.startDirector();
    expect(await bed.console(".jobs")).toContain("backup-web01");
  });

  it("takes the catalog away and gives it back with its rows", async () => {
    await bed.stopCatalog();
    await expect(new Client(bed.catalog).connect()).rejects.toThrow("ECONNREFUSED");
    await bed.startCatalog();
    await bed.restartDirector();
    expect(await bed.console("list jobname=backup-web01")).toContain("backup-web01");
  });

  it("leaves no process", async () => {
    expect(await processesOf(bed.dir)).not.toEqual([]);
    await bed.stop();
    expect(await processesOf(bed.dir)).toEqual([]);
  });
});

describe("two beds side by side", () => {
  it("share neither ports nor fleets", async () => {
    const beds = await Promise.all([startBaculaBed({ name: "testbed-one" }), startBaculaBed({ name: "testbed-two" })]);
    try {
      await beds[0].fleet("dc1-os1-proxy", `id=${VM} name=web01\n`);
      const answers = await Promise.all(beds.map((bed) => bed.console(QUERY("bacula-dc1-os1-fd"))));
      expect(answers[0]).toContain(VM);
      expect(answers[1]).toContain("error=plugin protocol error");
    } finally {
      await Promise.all(beds.map((bed) => bed.wipe()));
    }
    expect(await Promise.all(beds.map((bed) => processesOf(bed.dir)))).toEqual([[], []]);
  });
});

describe("the Kubernetes bed", () => {
  let bed: KubeBed;

  beforeAll(async () => {
    bed = await startKubeBed({ name: "testbed-test" });
  });
  afterAll(() => bed.wipe());

  it("gives a service account what RBAC grants it, and no more", async () => {
    await bed.kubectl(["create", "namespace", "bacula"]);
    await bed.kubectl(["create", "serviceaccount", "reader", "-n", "bacula"]);
    await bed.kubectl(["create", "role", "reader", "-n", "bacula", "--verb=get,list", "--resource=configmaps"]);
    await bed.kubectl([
      "create",
      "rolebinding",
      "reader",
      "-n",
      "bacula",
      "--role=reader",
      "--serviceaccount=bacula:reader",
    ]);
    const as = `--kubeconfig=${await bed.serviceAccountKubeconfig("bacula", "reader")}`;
    await expect(bed.kubectl([as, "get", "configmaps"])).resolves.toBeDefined();
    await expect(bed.kubectl([as, "get", "secrets"])).rejects.toThrow("Forbidden");
  });

  it("keeps its objects when the API server is killed and started again", async () => {
    await bed.kubectl(["create", "configmap", "kept", "--from-literal=a=b", "-n", "bacula"]);
    await bed.killApiServer();
    await expect(bed.kubectl(["get", "configmap", "kept", "-n", "bacula"])).rejects.toThrow("refused");
    await bed.startApiServer();
    expect(await bed.kubectl(["get", "configmap", "kept", "-n", "bacula", "-o", "jsonpath={.data.a}"])).toBe("b");
  });

  it("forgets history by compaction: a list at an old revision is gone", async () => {
    const first = await bed.kubectl([
      "get",
      "configmap",
      "kept",
      "-n",
      "bacula",
      "-o",
      "jsonpath={.metadata.resourceVersion}",
    ]);
    const atFirst = `/api/v1/namespaces/bacula/configmaps?resourceVersion=${first}&resourceVersionMatch=Exact`;
    expect(await bed.kubectl(["get", "--raw", atFirst])).toContain("kept");
    await bed.kubectl(["label", "configmap", "kept", "-n", "bacula", "changed=yes"]);
    const revision = await bed.compactEtcd();
    expect(Number(revision)).toBeGreaterThan(Number(first));
    await bed.killApiServer();
    await bed.startApiServer();
    await expect(bed.kubectl(["get", "--raw", atFirst])).rejects.toThrow(/too old|compacted|Expired/);
  });

  it("collects what a namespace held, by the controller manager", async () => {
    await bed.kubectl(["delete", "namespace", "bacula", "--timeout=60s"]);
    await expect(bed.kubectl(["get", "namespace", "bacula"])).rejects.toThrow("NotFound");
  });

  it("shows the API server's figures", async () => {
    expect(await bed.metricsText()).toMatch(/^apiserver_request_total\{/m);
  });

  it("leaves no process", async () => {
    expect(await processesOf(bed.dir)).not.toEqual([]);
    await bed.stop();
    expect(await processesOf(bed.dir)).toEqual([]);
  });
});

describe("a bed whose process is killed", () => {
  it("ends with it", async () => {
    const program = `
      import { startBaculaBed } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, BED_MODULE)).href)};
      const bed = await startBaculaBed({ name: "testbed-orphan" });
      console.log(bed.dir);
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(child.stdout, "data");
    const dir = String(line).trim();
    expect(await processesOf(dir)).toHaveLength(4);
    child.kill("SIGKILL");
    await vi.waitUntil(async () => (await processesOf(dir)).length === 0, { timeout: 10_000 });
    await rm(dirname(dir), { recursive: true });
  });
});

describe("a bed that is in use", () => {
  it("is not taken from a living process; what a dead one left running is ended", async () => {
    const first = await startBaculaBed({ name: "testbed-claim" });
    try {
      const startOfInit = (await readFile("/proc/1/stat", "utf8")).split(" ")[21] ?? "";
      await writeFile(join(first.dir, "owner"), `1 ${startOfInit}\n`);
      await expect(startBaculaBed({ name: "testbed-claim" })).rejects.toThrow("in use by process 1");
      // A process id that was given to another process since.
      await writeFile(join(first.dir, "owner"), "1 0\n");
      const second = await startBaculaBed({ name: "testbed-claim" });
      expect(await processesOf(second.dir)).not.toContainEqual(
        expect.stringMatching(new RegExp(`^${first.directorPid} `)),
      );
      await second.wipe();
    } finally {
      await first.wipe();
    }
  });
});
