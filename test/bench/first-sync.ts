import { NAMESPACE } from "../../hack/testbed/operator-process.ts";
import { apiRequests, requestsBetween, shownRequests, totalOf } from "./api-requests.ts";
import { managedVmsOf, writeBare } from "./bare-client.ts";
import { type BenchClient, benchClients } from "./bench-fleet.ts";
import { median, print, printHead, progress, ratio, seconds } from "./figures.ts";
import { LOOP_LAG_MAX, OperatorBed, PASS_SECONDS, RELOADS, sumOf } from "./operator-bed.ts";
import { cpuSeconds, memoryOf, shownMemory } from "./process-figures.ts";
import type { BenchOptions } from "./run.ts";

interface Round {
  readonly totalSeconds: number;
  /** From the question to the published file; the rest is Kubernetes. */
  readonly passSeconds: number;
  readonly operatorCpu: number;
  readonly apiServerCpu: number;
  readonly callsPerVm: number;
  readonly calls: string;
  readonly reloads: number;
  readonly longestBlockSeconds: number;
}

const BASELINE_NAMESPACE = "bare";

/**
 * First sync of one client (spec section 9: within 1.3x of a bare client writing the same objects). The operator's time
 * is from the creation of the OpenStackClient to the end of its first pass, so it holds all the rest too: `.query`, two
 * files a VM, publishing, one reload.
 */
export async function firstSync({ vms = 10_000, rounds = 3, nodeOptions }: BenchOptions): Promise<void> {
  const clients = benchClients(rounds, vms * rounds);
  printHead("first-sync", `${vms} new VMs of one client, ${rounds} rounds`);
  const bed = await OperatorBed.open("bench-first-sync", rounds, nodeOptions);
  try {
    await bed.kubernetes.kubectl(["create", "namespace", BASELINE_NAMESPACE]);
    await bed.operator.start();
    const token = await bed.kubernetes.serviceAccountToken(NAMESPACE, "bacula-openstack-sync");
    const ours: Round[] = [];
    const bare: number[] = [];
    const bareCpu: number[] = [];
    for (const client of clients) {
      progress(`${client.name}: the operator ...`);
      ours.push(await syncOnce(bed, client));
      const written = await managedVmsOf(bed.transport, NAMESPACE, client.name);
      if (written.length !== vms) throw new Error(`${written.length} ManagedVMs instead of ${vms}`);
      progress(`${client.name}: the bare client ...`);
      const ownerUid = await bed.create(client, BASELINE_NAMESPACE);
      const cpuBefore = await cpuSeconds(bed.kubernetes.apiServerPid);
      bare.push(await writeBare(bed.kubernetes, token, written, { namespace: BASELINE_NAMESPACE, ownerUid }));
      bareCpu.push((await cpuSeconds(bed.kubernetes.apiServerPid)) - cpuBefore);
    }
    const of = (pick: (round: Round) => number) => ours.map(pick);
    const perVm = (cpu: readonly number[]) => `${((median(cpu) / vms) * 1000).toFixed(2)} ms a VM`;
    print("operator, all of the first pass", seconds(of(({ totalSeconds }) => totalSeconds)));
    print("  of it query, files, publish, reload", seconds(of(({ passSeconds }) => passSeconds)));
    print("bare client, create and status", seconds(bare));
    print(
      "ratio",
      ratio(
        of(({ totalSeconds }) => totalSeconds),
        bare,
        "<= 1.3x",
      ),
    );
    const rate = (times: readonly number[]) => `${Math.round(vms / median(times))} VM/s`;
    print("rate", `${rate(of(({ totalSeconds }) => totalSeconds))}, bare ${rate(bare)}`);
    print("API calls per VM, counted by the API server", median(of(({ callsPerVm }) => callsPerVm)).toFixed(3));
    for (const { calls } of ours) print("", calls);
    print("reloads of the Director in each round", of(({ reloads }) => reloads).join(", "));
    print("CPU of the operator", perVm(of(({ operatorCpu }) => operatorCpu)));
    print(
      "CPU of the API server",
      `${perVm(of(({ apiServerCpu }) => apiServerCpu))}, for the bare client ${perVm(bareCpu)}`,
    );
    print(
      "longest event-loop block of the operator",
      `${Math.round(Math.max(...of(({ longestBlockSeconds }) => longestBlockSeconds)) * 1000)} ms`,
    );
    print(`memory of the operator after ${vms * rounds} VMs`, shownMemory(await memoryOf(bed.operator.pid)));
  } finally {
    await bed.close();
  }
}

async function syncOnce(bed: OperatorBed, client: BenchClient): Promise<Round> {
  const { kubernetes, operator } = bed;
  await bed.bacula.fleet(client.spec.proxyServer, client.answer);
  const [before, requestsBefore] = [await bed.operatorMetrics(), await apiRequests(kubernetes)];
  const cpuBefore = [await cpuSeconds(operator.pid), await cpuSeconds(kubernetes.apiServerPid)] as const;
  const start = performance.now();
  await bed.create(client);
  await bed.untilProtected(client);
  const totalSeconds = (performance.now() - start) / 1000;
  const cpuAfter = [await cpuSeconds(operator.pid), await cpuSeconds(kubernetes.apiServerPid)] as const;
  const [after, requestsAfter] = [await bed.operatorMetrics(), await apiRequests(kubernetes)];
  const calls = requestsBetween(requestsBefore, requestsAfter, /^(?!GET|WATCH|LIST).* (managedvms|events)/u);
  return {
    totalSeconds,
    passSeconds: sumOf(after, PASS_SECONDS) - sumOf(before, PASS_SECONDS),
    operatorCpu: cpuAfter[0] - cpuBefore[0],
    apiServerCpu: cpuAfter[1] - cpuBefore[1],
    callsPerVm: totalOf(calls) / client.vms.length,
    calls: shownRequests(calls),
    reloads: sumOf(after, RELOADS) - sumOf(before, RELOADS),
    longestBlockSeconds: sumOf(after, LOOP_LAG_MAX),
  };
}
