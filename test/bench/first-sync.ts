import { NAMESPACE } from "../../hack/testbed/operator-process.ts";
import { apiRequests, requestsBetween, shownRequests, totalOf } from "./api-requests.ts";
import { managedVmsOf, writeBare } from "./bare-client.ts";
import { type BenchClient, benchClients } from "./bench-fleet.ts";
import type { BenchOptions } from "./bench-options.ts";
import { median, print, printHead, progress, ratio, seconds } from "./figures.ts";
import { LOOP_LAG_MAX, OperatorBed, PASS_SECONDS, RELOADS, sumOf } from "./operator-bed.ts";
import { controlPlaneCpu, cpuSeconds, memoryOf, shownMemory } from "./process-figures.ts";

/** CPU seconds of one side: who writes, and the control plane for it. */
interface Cpu {
  readonly writer: number;
  readonly apiServer: number;
  readonly etcd: number;
}

interface Round {
  readonly totalSeconds: number;
  /** From the question to the published file; the rest is Kubernetes. */
  readonly passSeconds: number;
  readonly cpu: Cpu;
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
  const bed = await OperatorBed.open("bench-first-sync", rounds);
  try {
    await bed.kubernetes.kubectl(["create", "namespace", BASELINE_NAMESPACE]);
    await bed.startOperator(nodeOptions[0] ?? "");
    const token = await bed.kubernetes.serviceAccountToken(NAMESPACE, "bacula-openstack-sync");
    const ours: Round[] = [];
    const bare: number[] = [];
    const bareCpu: Cpu[] = [];
    for (const client of clients) {
      progress(`${client.name}: the operator ...`);
      ours.push(await syncOnce(bed, client));
      const written = await managedVmsOf(bed.transport, NAMESPACE, client.name);
      if (written.length !== vms) throw new Error(`${written.length} ManagedVMs instead of ${vms}`);
      progress(`${client.name}: the bare client ...`);
      const ownerUid = await bed.create(client, BASELINE_NAMESPACE);
      const stop = await startCpuMeter(bed, process.pid);
      bare.push(await writeBare(bed.kubernetes, token, written, { namespace: BASELINE_NAMESPACE, ownerUid }));
      bareCpu.push(await stop());
    }
    tell(vms, ours, bare, bareCpu);
    print(`memory of the operator after ${vms * rounds} VMs`, shownMemory(await memoryOf(bed.operator.pid)));
  } finally {
    await bed.close();
  }
}

function tell(vms: number, rounds: readonly Round[], bare: readonly number[], bareCpu: readonly Cpu[]): void {
  const total = rounds.map(({ totalSeconds }) => totalSeconds);
  const cpu = rounds.map((round) => round.cpu);
  const rate = (times: readonly number[]) => `${Math.round(vms / median(times))} VM/s`;
  const blocksMs = rounds.map(({ longestBlockSeconds }) => Math.round(longestBlockSeconds * 1000));
  print("operator, all of the first pass", `${seconds(total)}, ${rate(total)}`);
  print("  of it query, files, publish, reload", seconds(rounds.map(({ passSeconds }) => passSeconds)));
  print("bare client, create and status", `${seconds(bare)}, ${rate(bare)}`);
  print("ratio", ratio(total, bare, "<= 1.3x"));
  print("CPU a VM", shownCpu(cpu, vms));
  print("  with the bare client", shownCpu(bareCpu, vms));
  print("ratio of all CPU, whatever else the machine did", ratio(cpu.map(sumOfCpu), bareCpu.map(sumOfCpu), "<= 1.3x"));
  print("API writes a VM, counted by the API server", median(rounds.map(({ callsPerVm }) => callsPerVm)).toFixed(3));
  for (const { calls } of rounds) print("  in a round", calls);
  print("reloads of the Director in each round", rounds.map(({ reloads }) => reloads).join(", "));
  print("longest event-loop block in each round", `${blocksMs.join(", ")} ms`);
}

async function syncOnce(bed: OperatorBed, client: BenchClient): Promise<Round> {
  const { kubernetes, operator } = bed;
  await bed.bacula.fleet(client.spec.proxyServer, client.answer);
  const [before, requestsBefore] = [await bed.operatorMetrics(), await apiRequests(kubernetes)];
  const stop = await startCpuMeter(bed, operator.pid);
  const start = performance.now();
  await bed.create(client);
  await bed.untilProtected(client);
  const totalSeconds = (performance.now() - start) / 1000;
  const cpu = await stop();
  const [after, requestsAfter] = [await bed.operatorMetrics(), await apiRequests(kubernetes)];
  const calls = requestsBetween(requestsBefore, requestsAfter, /^(?!GET|WATCH|LIST).* (managedvms|events)/u);
  return {
    totalSeconds,
    passSeconds: sumOf(after, PASS_SECONDS) - sumOf(before, PASS_SECONDS),
    cpu,
    callsPerVm: totalOf(calls) / client.vms.length,
    calls: shownRequests(calls),
    reloads: sumOf(after, RELOADS) - sumOf(before, RELOADS),
    longestBlockSeconds: sumOf(after, LOOP_LAG_MAX),
  };
}

/** Answers what was used since. */
async function startCpuMeter({ kubernetes }: OperatorBed, writerPid: number): Promise<() => Promise<Cpu>> {
  const look = async () => ({ writer: await cpuSeconds(writerPid), ...(await controlPlaneCpu(kubernetes)) });
  const before = await look();
  return async () => {
    const after = await look();
    return {
      writer: after.writer - before.writer,
      apiServer: after.apiServer - before.apiServer,
      etcd: after.etcd - before.etcd,
    };
  };
}

function sumOfCpu({ writer, apiServer, etcd }: Cpu): number {
  return writer + apiServer + etcd;
}

function shownCpu(cpu: readonly Cpu[], vms: number): string {
  const ms = (pick: (one: Cpu) => number) => ((median(cpu.map(pick)) / vms) * 1000).toFixed(2);
  return `${ms((one) => one.writer)} ms itself, API server ${ms((one) => one.apiServer)} ms, etcd ${ms((one) => one.etcd)} ms`;
}
