import { type ApiRequests, apiRequests, requestsBetween, shownRequests } from "./api-requests.ts";
import { BarePass } from "./bare-pass.ts";
import { type BenchClient, benchClients } from "./bench-fleet.ts";
import { seedHistory } from "./catalog-history.ts";
import { median, print, printHead, progress, ratio, seconds } from "./figures.ts";
import { LOOP_LAG_MAX, OperatorBed, RELOADS, shownHeap, sumOf } from "./operator-bed.ts";
import { cpuSeconds, memoryOf, shownMemory } from "./process-figures.ts";
import type { BenchOptions } from "./run.ts";
import { fileIdentities, writtenBetween } from "./written-files.ts";

const PROGRESS_EVERY_MS = 30_000;

/**
 * Passes in which nothing changed (spec section 9: no writes but one status patch per client, under 512 MiB at 100,000
 * VMs, event loop never blocked over 100 ms). Each VM has ten backups in the catalog. Measured twice: in the process
 * that made everything, and in one that was started over it.
 */
export async function noChange(options: BenchOptions): Promise<void> {
  const { vms = 100_000, clients: clientCount = 20, rounds = 5, nodeOptions } = options;
  const clients = benchClients(clientCount, vms);
  printHead("no-change", `${vms} VMs of ${clientCount} clients, ${rounds} passes of all clients`);
  const bed = await OperatorBed.open("bench-no-change", clientCount);
  try {
    progress("ten nights of backups into the catalog ...");
    await seedHistory(bed.bacula.catalog, clients);
    for (const client of clients) await bed.bacula.fleet(client.spec.proxyServer, client.answer);
    await bed.startOperator(nodeOptions[0] ?? "");
    await syncAll(bed, clients);
    const bare = new BarePass(clients, bed.bacula.baseDir);
    await measure("process that made all", bed, clients, bare, rounds);
    for (const flags of nodeOptions.length === 0 ? [""] : nodeOptions) {
      await restart(flags, bed, clients, bare, rounds).catch((error: unknown) => {
        print(`process started over it with "${flags}"`, `ended: ${String(error).slice(-2_000)}`);
      });
    }
  } finally {
    await bed.close();
  }
}

async function restart(
  flags: string,
  bed: OperatorBed,
  clients: readonly BenchClient[],
  bare: BarePass,
  rounds: number,
): Promise<void> {
  progress(`a new operator over what is there, NODE_OPTIONS "${flags}" ...`);
  const start = performance.now();
  await bed.startOperator(flags);
  await bed.passOfAll(clients, `restarted ${bed.operator.pid}`);
  print("new process: start to the end of all first passes", seconds([(performance.now() - start) / 1000]));
  print("  longest event-loop block meanwhile", await shownBlock(bed));
  await measure(`process started over it with "${flags}"`, bed, clients, bare, rounds);
}

/** All clients at once, as after an installation. */
async function syncAll(bed: OperatorBed, clients: readonly BenchClient[]): Promise<void> {
  const start = performance.now();
  for (const client of clients) await bed.create(client);
  let done = 0;
  const madeBefore = created(await apiRequests(bed.kubernetes));
  const tell = async () =>
    progress(`first sync: ${created(await apiRequests(bed.kubernetes)) - madeBefore} ManagedVMs`);
  const ticker = setInterval(() => void tell().catch(() => undefined), PROGRESS_EVERY_MS);
  const waits = clients.map(async (client) => {
    await bed.untilProtected(client);
    done += 1;
    progress(`first sync: ${done} of ${clients.length} clients`);
  });
  await Promise.all(waits).finally(() => clearInterval(ticker));
  print("first sync of all (not the subject here)", seconds([(performance.now() - start) / 1000]));
  print("  longest event-loop block meanwhile", await shownBlock(bed));
  print("  memory of the operator", shownMemory(await memoryOf(bed.operator.pid)));
}

function created(requests: ApiRequests): number {
  return requests.get("POST managedvms") ?? 0;
}

async function measure(
  who: string,
  bed: OperatorBed,
  clients: readonly BenchClient[],
  bare: BarePass,
  rounds: number,
): Promise<void> {
  const { operator, kubernetes, bacula } = bed;
  await bed.passOfAll(clients, `settle ${operator.pid}`);
  const [metricsBefore, requestsBefore] = [await bed.operatorMetrics(), await apiRequests(kubernetes)];
  const filesBefore = fileIdentities(bacula.baseDir);
  const [wall, cpu, bareSeconds, blocks, parts]: [number[], number[], number[], number[], string[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  for (let round = 1; round <= rounds; round += 1) {
    const bareStart = performance.now();
    const { parseMs, statMs, compareMs, inStep } = bare.run();
    bareSeconds.push((performance.now() - bareStart) / 1000);
    parts.push(`parse ${Math.round(parseMs)} + stat ${Math.round(statMs)} + compare ${Math.round(compareMs)} ms`);
    if (inStep !== clients.reduce((sum, { vms }) => sum + vms.length, 0)) throw new Error("the bare loop saw changes");

    await bed.operatorMetrics(); // the figure for the block begins anew
    const cpuBefore = await cpuSeconds(operator.pid);
    const start = performance.now();
    await bed.passOfAll(clients, `${round} of ${operator.pid}`);
    wall.push((performance.now() - start) / 1000);
    cpu.push((await cpuSeconds(operator.pid)) - cpuBefore);
    blocks.push(sumOf(await bed.operatorMetrics(), LOOP_LAG_MAX) * 1000);
  }
  const [metricsAfter, requestsAfter] = [await bed.operatorMetrics(), await apiRequests(kubernetes)];
  const written = writtenBetween(filesBefore, fileIdentities(bacula.baseDir));
  const state = written.filter((path) => path.includes("/.bacula-openstack-sync/"));
  const calls = requestsBetween(
    requestsBefore,
    requestsAfter,
    /^(?!GET|WATCH|LIST).* (managedvms|openstackclients\/|events)/u,
  );
  const allowed = clients.length * rounds;

  console.log(`  ${who}, ${rounds} passes of all clients:`);
  print(
    "API writes, counted by the API server",
    `${shownRequests(calls)} (allowed: ${allowed} of openstackclients/status)`,
  );
  print("files of the tree that were written", String(written.length - state.length));
  print(
    "files of the state folder that were written",
    `${state.length} ${state.map((path) => path.split("/").at(-1)).join(", ")}`,
  );
  print("reloads of the Director", String(sumOf(metricsAfter, RELOADS) - sumOf(metricsBefore, RELOADS)));
  print("pass of all clients", seconds(wall));
  print("  CPU of the operator in it", seconds(cpu));
  print("bare loop", `${seconds(bareSeconds)}: ${parts.at(-1)}`);
  print("ratio of the operator's CPU to the bare loop", ratio(cpu, bareSeconds, "<= 2x"));
  print(
    "longest event-loop block",
    `${Math.round(Math.max(...blocks))} ms, median of the passes ${Math.round(median(blocks))} ms (goal: <= 100 ms)`,
  );
  print("memory of the operator", `${shownMemory(await memoryOf(operator.pid))} (goal: < 512 MiB)`);
  print("  V8's heap", shownHeap(metricsAfter));
}

async function shownBlock(bed: OperatorBed): Promise<string> {
  return `${Math.round(sumOf(await bed.operatorMetrics(), LOOP_LAG_MAX) * 1000)} ms`;
}
