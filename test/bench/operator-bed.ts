import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { request } from "undici";
import { z } from "zod";
import { type BaculaBed, startBaculaBed } from "../../hack/testbed/bacula-bed.ts";
import { type KubeBed, startKubeBed } from "../../hack/testbed/kube-bed.ts";
import { installOperator, NAMESPACE, OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { ANNOTATIONS, API_VERSION, OPEN_STACK_CLIENT } from "../../src/api/group.ts";
import { ResourceClient } from "../../src/kubernetes/apply.ts";
import { findCluster } from "../../src/kubernetes/auth.ts";
import { systemTiming } from "../../src/kubernetes/time/timing.ts";
import { KubeTransport } from "../../src/kubernetes/transport.ts";
import { type BenchClient, baculaClientNames } from "./bench-fleet.ts";

const shown = z.object({
  metadata: z.object({ uid: z.string() }),
  status: z
    .object({
      counts: z.object({ live: z.number(), active: z.number() }).optional(),
      lastHandledRequest: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string() })).default([]),
    })
    .optional(),
});
type Shown = z.infer<typeof shown>;

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = join(ROOT, "dist/main.js");
const signal = new AbortController().signal;
const noLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => noLog };
const LOOK_EVERY_MS = 100;

/** A real Bacula, a real control plane and a real operator process, as the benchmarks need them. */
export class OperatorBed {
  readonly bacula: BaculaBed;
  readonly kubernetes: KubeBed;
  /** As the administrator, over kept connections. */
  readonly transport: KubeTransport;
  readonly #clients: ResourceClient;
  readonly #operators: OperatorProcess[] = [];

  private constructor(bacula: BaculaBed, kubernetes: KubeBed, transport: KubeTransport) {
    this.bacula = bacula;
    this.kubernetes = kubernetes;
    this.transport = transport;
    this.#clients = new ResourceClient(transport, OPEN_STACK_CLIENT);
  }

  /** Everything but the operator runs when this resolves. */
  static async open(name: string, clients: number): Promise<OperatorBed> {
    const [bacula, kubernetes] = await Promise.all([
      startBaculaBed({ name, clients: baculaClientNames(clients) }),
      startKubeBed({ name }),
    ]);
    await installOperator(kubernetes);
    await execa("npm", ["run", "--silent", "build"], { cwd: ROOT });
    const access = await findCluster({ kubeconfig: kubernetes.kubeconfig }, systemTiming, noLog);
    const transport = new KubeTransport({ access, timing: systemTiming, userAgent: "bench" });
    return new OperatorBed(bacula, kubernetes, transport);
  }

  /** The present one. */
  get operator(): OperatorProcess {
    const operator = this.#operators.at(-1);
    if (operator === undefined) throw new Error("no operator was started");
    return operator;
  }

  /** Starts an operator in the place of the one before, if any: built, and as in a pod. It watches its own namespace only. */
  async startOperator(nodeOptions: string): Promise<void> {
    await this.#operators.at(-1)?.stop();
    const { kubernetes, bacula } = this;
    const settings = { WATCH_NAMESPACE: NAMESPACE, LOG_LEVEL: "info", NODE_OPTIONS: nodeOptions };
    const name = `operator-${this.#operators.length + 1}`;
    const operator = await OperatorProcess.prepare({
      kubernetes,
      bacula,
      name,
      settings,
      program: PROGRAM,
      access: "serviceAccount",
    });
    this.#operators.push(operator);
    await operator.start();
  }

  /** Ends everything and removes it. The operator ends gracefully, so that it writes its profile. */
  async close(): Promise<void> {
    await this.#operators.at(-1)?.stop();
    await this.transport.close();
    await Promise.all([this.bacula.wipe(), this.kubernetes.wipe()]);
  }

  /** Makes the OpenStackClient, also in another namespace; answers its uid. */
  async create(client: BenchClient, namespace = NAMESPACE): Promise<string> {
    const metadata = { name: client.name, namespace };
    const manifest = { apiVersion: API_VERSION, kind: OPEN_STACK_CLIENT.kind, metadata, spec: client.spec };
    const made = await this.#clients.create(manifest, { fieldManager: "bench", signal });
    return shown.parse(made).metadata.uid;
  }

  /** Resolves when the operator has ended a pass in which all VMs of the client are live and active. */
  async untilProtected(client: BenchClient): Promise<void> {
    const count = client.vms.length;
    await this.#until(client, ({ status }) => status?.counts?.live === count && status.counts.active === count);
  }

  /** One pass of each client; resolves when the last one has answered the request. */
  async passOfAll(clients: readonly BenchClient[], token: string): Promise<void> {
    const body = { metadata: { annotations: { [ANNOTATIONS.requestedAt]: token } } };
    const options = { fieldManager: "bench", signal };
    await Promise.all(
      clients.map(({ name }) => this.#clients.mergePatch({ namespace: NAMESPACE, name }, body, options)),
    );
    for (const client of clients) await this.#until(client, ({ status }) => status?.lastHandledRequest === token);
  }

  async #until({ name }: BenchClient, isThere: (seen: Shown) => boolean): Promise<void> {
    let lastTrouble = "";
    for (;;) {
      const seen = shown.parse(await this.#clients.get({ namespace: NAMESPACE, name }, signal));
      if (isThere(seen)) return;
      if (!(await this.operator.isAlive())) throw new Error(`the operator ended: ${await this.operator.log()}`);
      const trouble = (seen.status?.conditions ?? [])
        .filter(({ type, status }) => type === "Ready" && status === "False")
        .map(({ message }) => message)
        .join("; ");
      if (trouble !== "" && trouble !== lastTrouble) console.error(`  ${name}: ${trouble}`);
      lastTrouble = trouble;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Every sample of the operator's /metrics by its name and labels. One scrape: prom-client's loop lag begins anew. */
  async operatorMetrics(): Promise<ReadonlyMap<string, number>> {
    // A connection of its own: one that is kept may end while this process is busy for seconds.
    const answer = await request(`http://127.0.0.1:${this.operator.metricsPort}/metrics`, { reset: true });
    const text = await answer.body.text();
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
    );
  }
}

/** Sum of all samples of one metric, whatever their labels. */
export function sumOf(samples: ReadonlyMap<string, number>, metric: string): number {
  let sum = 0;
  for (const [name, value] of samples) if (name === metric || name.startsWith(`${metric}{`)) sum += value;
  return sum;
}

export const LOOP_LAG_MAX = "nodejs_eventloop_lag_max_seconds";
export const RELOADS = "bacula_openstack_sync_director_reloads_total";
export const PASS_SECONDS = "bacula_openstack_sync_pass_duration_seconds_sum";

/** What V8 says of itself, to tell live objects from memory that it has not given back yet. */
export function shownHeap(samples: ReadonlyMap<string, number>): string {
  const mib = (metric: string) => `${Math.round(sumOf(samples, metric) / 1024 ** 2)} MiB`;
  return `${mib("nodejs_heap_size_used_bytes")} used of ${mib("nodejs_heap_size_total_bytes")}, outside of it ${mib("nodejs_external_memory_bytes")}`;
}
