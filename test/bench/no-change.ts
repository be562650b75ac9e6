import { apiRequests, requestsBetween, shownRequests } from "./api-requests.ts";
import { BarePass } from "./bare-pass.ts";
import { type BenchClient, benchClients, sampleOf } from "./bench-fleet.ts";
import type { BenchOptions } from "./bench-options.ts";
import { seedHistory } from "./catalog-history.ts";
import { cloneFleet } from "./clone-fleet.ts";
import { median, print, printHead, progress, ratio, seconds } from "./figures.ts";
import { LOOP_LAG_MAX, OperatorBed, RELOADS, shownHeap, sumOf } from "./operator-bed.ts";
import { cpuSeconds, memoryOf, shownMemory } from "./process-figures.ts";
import { fileIdentities, writtenBetween } from "./written-files.ts";

const WRITES = /^(?!GET|WATCH|LIST).* (managedvms|openstackclients\/|events)/u;

/**
 * Passes in which nothing changed (spec section 9: no writes but one status patch per client, under 512 MiB at 100,000
 * VMs, event loop never blocked over 100 ms). Each VM has ten backups in the catalog. The fleet is made by copying one
 * VM of each client that the operator made; each measurement is of a process that was started over what is there.
 */
export async function noChange(options: BenchOptions): Promise<void> {
  const { vms = 100_000, clients: clientCount = 20, rounds = 5, nodeOptions } = options;
  const clients = benchClients(clientCount, vms);
  printHead("no-change", `${vms} VMs of ${clientCount} clients, ${rounds} passes of all clients`);
  const bed = await OperatorBed.open("bench-no-change", clientCount);
  try {
    await makeFleet(bed, clients);
    const bare = new BarePass(clients, bed.bacula.baseDir);
    for (const flags of nodeOptions) {
      progress(`a new operator over what is there, NODE_OPTIONS "${flags}" ...`);
      console.log(`  process with NODE_OPTIONS "${flags}":`);
      await measureProcess(flags, bed, clients, bare, rounds).catch((error: unknown) => {
        print("ended", String(error).slice(-2_000));
      });
    }
  } finally {
    await bed.close();
  }
}

async function makeFleet(bed: OperatorBed, clients: readonly BenchClient[]): Promise<void> {
  progress("ten nights of backups into the catalog ...");
  await seedHistory(bed.bacula.catalog, clients);
  progress("the first VM of each client by the operator ...");
  const samples = clients.map(sampleOf);
  for (const { spec, answer } of samples) await bed.bacula.fleet(spec.proxyServer, answer);
  await bed.startOperator("");
  for (const client of samples) await bed.create(client);
  await Promise.all(samples.map((client) => bed.untilProtected(client)));
  await bed.operator.stop();
  progress("copies of it ...");
  await cloneFleet(bed, clients);
  for (const { spec, answer } of clients) await bed.bacula.fleet(spec.proxyServer, answer);
  progress("an operator publishes them ...");
  const [start, before] = [performance.now(), await apiRequests(bed.kubernetes)];
  await bed.startOperator("");
  await Promise.all(clients.map((client) => bed.untilProtected(client)));
  const writes = requestsBetween(before, await apiRequests(bed.kubernetes), WRITES);
  print("first pass over the copies, with publishing", seconds([(performance.now() - start) / 1000]));
  print("  API writes: copies that were not as they should", shownRequests(writes));
}

async function measureProcess(
  flags: string,
  bed: OperatorBed,
  clients: readonly BenchClient[],
  bare: BarePass,
  rounds: number,
): Promise<void> {
  const start = performance.now();
  await bed.startOperator(flags);
  await bed.passOfAll(clients, `first of ${bed.operator.pid}`);
  print("start to the end of all first passes", seconds([(performance.now() - start) / 1000]));
  print("  longest event-loop block meanwhile", await shownBlock(bed));
  await measurePasses(bed, clients, bare, rounds);
}

async function measurePasses(
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
  const calls = requestsBetween(requestsBefore, requestsAfter, WRITES);
  const allowed = clients.length * rounds;

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
