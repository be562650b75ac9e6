import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BaculaBed, startBaculaBed } from "./bacula-bed.ts";
import { baculaSettings } from "./bacula-settings.ts";
import { runFolder } from "./cache-folders.ts";
import { type KubeBed, startKubeBed } from "./kube-bed.ts";
import { isOurs } from "./process-end.ts";
import { runningDaemons } from "./run-folder.ts";

// `npm run testbed:up [name]`: both beds, left running; stdout can be read by a shell: eval "$(npm run -s testbed:up)".
const name = process.argv[2] ?? "testbed";
const summaryFile = join(dirname(runFolder(name, "bacula")), "exports.sh");
process.stdout.write((await isUp(4, "bacula")) && (await isUp(3, "kubernetes")) ? await readSummary() : await start());

async function start(): Promise<string> {
  console.error(`test bed "${name}": starting Bacula and Kubernetes ...`);
  const bacula = await startBaculaBed({ name, outlivesCaller: true });
  const kubernetes = await startKubeBed({ name, outlivesCaller: true });
  const text = summary(bacula, kubernetes);
  await mkdir(dirname(summaryFile), { recursive: true });
  await writeFile(summaryFile, text);
  return text;
}

async function isUp(daemonCount: number, part: "bacula" | "kubernetes"): Promise<boolean> {
  const folder = runFolder(name, part);
  const daemons = await runningDaemons(folder);
  const alive = await Promise.all([...daemons.values()].map((pid) => isOurs(pid, folder)));
  return alive.filter(Boolean).length === daemonCount;
}

async function readSummary(): Promise<string> {
  console.error(`test bed "${name}" is up already`);
  return readFile(summaryFile, "utf8");
}

function summary(bacula: BaculaBed, kubernetes: KubeBed): string {
  const settings: Record<string, string> = {
    KUBECONFIG: kubernetes.kubeconfig,
    ...baculaSettings(bacula),
    DIRECTOR_TEST_COMMAND: bacula.directorTestCommand,
    DIRECTOR_LOG: bacula.daemonLogFile,
  };
  return `${Object.entries(settings)
    .map(([variable, value]) => `export ${variable}="${value}"`)
    .join("\n")}
# To look around:
#   ${kubernetes.kubectlPath} get namespaces
#   ${bacula.bconsolePath} -c ${bacula.bconsoleConf}
#   PGPASSWORD=${bacula.catalog.password} psql -h ${bacula.catalog.host} -p ${bacula.catalog.port} -U ${bacula.catalog.user} ${bacula.catalog.database}
# What the plugin answers for proxy_server=P (a line a VM): ${join(bacula.dir, "fleet/P.server")}
# To end it and remove its state: npm run testbed:down ${name}
`;
}
