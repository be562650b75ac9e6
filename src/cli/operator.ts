import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { MANAGED_VM, OPEN_STACK_CLIENT } from "../api/group.ts";
import { checkInstalledCrds } from "../controllers/check-installed-crds.ts";
import { toManagedVmRecord } from "../controllers/managed-vm/managed-vm-record.ts";
import { onManagedVmEvent } from "../controllers/managed-vm/on-managed-vm-event.ts";
import { ProjectionMemory } from "../controllers/managed-vm/projection-memory.ts";
import { clientKey, FIELD_MANAGER } from "../controllers/managed-vm/projection-ports.ts";
import { toOpenStackClientRecord } from "../controllers/open-stack-client/open-stack-client-record.ts";
import { OpenStackClientReconciler } from "../controllers/open-stack-client/reconciler.ts";
import { ResourceClient } from "../kubernetes/apply.ts";
import { findCluster } from "../kubernetes/auth.ts";
import { Controller } from "../kubernetes/controller.ts";
import { EventRecorder } from "../kubernetes/event-recorder.ts";
import { HealthServer } from "../kubernetes/health-server.ts";
import { LeaseElector } from "../kubernetes/lease-elector.ts";
import { Reflector } from "../kubernetes/reflector.ts";
import { type RunEnd, runControllers } from "../kubernetes/run-controllers.ts";
import { StatusWriter } from "../kubernetes/status-writer.ts";
import { systemTiming as timing } from "../kubernetes/time/timing.ts";
import { KubeTransport } from "../kubernetes/transport.ts";
import { WorkQueue } from "../kubernetes/work-queue.ts";
import { clientMetrics } from "../observability/client-metrics.ts";
import type { Log } from "../observability/log.ts";
import { measuredDirector } from "../observability/measured-director.ts";
import { createMetrics, type Metrics } from "../observability/metrics.ts";
import type { Settings } from "../settings/settings.ts";
import { SyncRunner } from "../sync/sync-runner.ts";
import { openPorts } from "./ports-of.ts";
import { logStartChecks } from "./preflight/log-start-checks.ts";
import { programVersion } from "./version-command.ts";

/** Clients that are asked, decided and projected at once; each waits for bconsole most of the time. */
const WORKERS = 8;
/** A first sync of ten thousand VMs takes half a minute; a hung part must not hold a worker for ever. */
const PASS_LIMIT_MS = 15 * 60_000;
/** Passes that come within this of each other share one lock and one reload. */
const GATHER_MS = 500;
/** ManagedVM writes in flight per client. */
const WRITES_PER_CLIENT = 16;
const CRD_RETRY_MS = 5_000;
/** Running passes may take this long to end; below the pod's usual 30 s until it is killed. */
const DRAIN_MS = 20_000;

/** Composes the operator and runs it until `stop` aborts, its lease is lost or a part fails. */
export async function startOperator(
  settings: Settings,
  cluster: { readonly serviceHost?: string | undefined; readonly servicePort?: string | undefined },
  log: Log,
  stop: AbortSignal,
): Promise<RunEnd> {
  const metrics = createMetrics();
  const access = await findCluster({ kubeconfig: settings.kubernetes.kubeconfig, ...cluster }, timing, log);
  const transport = new KubeTransport({
    access,
    timing,
    userAgent: `bacula-openstack-sync/${await programVersion()}`,
    onRequest: ({ verb, code }) => metrics.apiRequests.inc({ verb, code }),
  });
  const open = openPorts(settings, { now: Date.now }, "write");
  const ports = { ...open.ports, director: measuredDirector(open.ports.director, metrics) };
  // A pass that is under way may end when the program is asked to stop; it is cut off when the time for that is over.
  const cutOff = new AbortController();
  let cancelCutOff: () => void = () => undefined;
  const cutOffLater = () => {
    cancelCutOff = timing.schedule(DRAIN_MS, () => cutOff.abort(stop.reason));
  };
  stop.addEventListener("abort", cutOffLater, { once: true });
  void logStartChecks({ env: process.env, settings, ports: open.ports, signal: cutOff.signal }, log);
  const { firstBackupsPerClient: perClient, firstBackupsTotal: total } = settings.limits;
  const { newVmsPerPass, tagChangeIntervalMs } = settings.limits;
  const firstBackups = { perClient, total };
  const onPinnedSlots = (reloads: number) => metrics.reloadSlotsPinned.set(reloads);
  const onReloadSlots = (used: number) => metrics.reloadSlotsUsed.set(used);
  const onScheduleUnknown = (detail: string) =>
    log.warn({ detail }, "the Director did not say which jobs it runs by itself; what was known of that stays");
  const runner = new SyncRunner(ports, {
    gatherMs: GATHER_MS,
    signal: cutOff.signal,
    firstBackups,
    newVmsPerPass,
    tagChangeIntervalMs,
    purges: open.purges,
    onReloadSlots,
    onPinnedSlots,
    onScheduleUnknown,
  });

  const queue = new WorkQueue({
    timing,
    maxBackOffMs: 60_000,
    metrics: {
      onAdd: () => metrics.queueAdds.inc({ queue: "openstackclient" }),
      onRetry: () => metrics.queueRetries.inc({ queue: "openstackclient" }),
    },
  });
  const memory = new ProjectionMemory();
  const namespace = settings.kubernetes.watchNamespace;
  const watchMetrics = (resource: string) => ({ onWatchEnd: () => metrics.watchRestarts.inc({ resource }) });
  const clients = new Reflector({
    transport,
    resource: OPEN_STACK_CLIENT,
    namespace,
    project: toOpenStackClientRecord,
    indexes: {},
    onEvent: (event) => queue.add(event.key),
    timing,
    log,
    metrics: watchMetrics(OPEN_STACK_CLIENT.plural),
  });
  const managedVms = new Reflector({
    transport,
    resource: MANAGED_VM,
    namespace,
    project: toManagedVmRecord,
    indexes: { client: (vm) => [clientKey({ namespace: vm.namespace, name: vm.client })] },
    onEvent: (event) => onManagedVmEvent(event, memory, { queue, markDirty: (key) => reconciler.markDirty(key) }),
    timing,
    log,
    metrics: watchMetrics(MANAGED_VM.plural),
  });
  const statusesOf = (resource: typeof OPEN_STACK_CLIENT | typeof MANAGED_VM) =>
    new StatusWriter({
      client: new ResourceClient(transport, resource),
      kind: resource.kind,
      fieldManager: `${FIELD_MANAGER}-status`,
      timing,
      concurrency: WRITES_PER_CLIENT,
    });
  const instance = `${hostname()}-${randomUUID().slice(0, 8)}`;
  const recorder = new EventRecorder({ transport, component: FIELD_MANAGER, instance, timing, log });
  const reconciler = new OpenStackClientReconciler({
    clients: clients.store,
    runner,
    volume: ports.volume,
    settings,
    projection: {
      store: managedVms.store,
      resource: new ResourceClient(transport, MANAGED_VM),
      statuses: statusesOf(MANAGED_VM),
      memory,
      observe: (answer) => managedVms.observe(answer),
      concurrency: WRITES_PER_CLIENT,
    },
    statuses: statusesOf(OPEN_STACK_CLIENT),
    observe: (answer) => clients.observe(answer),
    recorder,
    metrics: clientMetrics(metrics),
    clock: ports.clock,
    random: Math.random,
  });
  const controller = new Controller({
    name: "openstackclient",
    queue,
    reconciler,
    workers: WORKERS,
    reconcileLimitMs: PASS_LIMIT_MS,
    timing,
    log,
    onReconcile: (_outcome, durationMs) =>
      metrics.reconcileDuration.observe({ controller: "openstackclient" }, durationMs / 1000),
  });
  const elector = settings.kubernetes.leaderElect
    ? new LeaseElector({
        transport,
        namespace: settings.kubernetes.podNamespace,
        name: FIELD_MANAGER,
        identity: instance,
        timing,
        log,
      })
    : undefined;

  let isReady = false;
  const livez = { "lease elector": () => elector?.isHealthy() ?? true, controller: () => controller.isHealthy() };
  const servers = healthServers(
    settings,
    metrics,
    livez,
    () => isReady,
    () => {
      metrics.queueDepth.set({ queue: "openstackclient" }, queue.depth);
      metrics.leader.set(elector === undefined || elector.isLeader ? 1 : 0);
    },
    log,
  );
  await Promise.all(servers.map((server) => server.listen()));
  try {
    if (!(await waitForCrds(transport, log, stop))) return { kind: "stopped", isDrained: true };
    return await runControllers(
      {
        reflectors: [clients, managedVms],
        controllers: [controller],
        elector,
        recorder,
        transport,
        onReady: (ready) => {
          isReady = ready;
        },
        timing,
        log,
        drainMs: DRAIN_MS,
      },
      stop,
    );
  } finally {
    cancelCutOff();
    cutOff.abort(new Error("the operator ended"));
    await Promise.all([open.close(), ...servers.map((server) => server.close())]);
  }
}

/** False when told to stop before. The pod stays up and not ready, and says what is missing, until it is mended. */
async function waitForCrds(transport: KubeTransport, log: Log, stop: AbortSignal): Promise<boolean> {
  const told = new Set<string>();
  while (!stop.aborted) {
    try {
      const check = await checkInstalledCrds(transport, stop);
      if (check.kind === "ready") return true;
      for (const problem of check.problems) {
        if (!told.has(problem)) log.error({ problem }, "the installed CRDs do not fit this release");
        told.add(problem);
      }
    } catch (error) {
      if (stop.aborted) return false;
      log.error({ err: error }, "the installed CRDs could not be checked");
    }
    await sleep(CRD_RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  return false;
}

function healthServers(
  settings: Settings,
  metrics: Metrics,
  livez: Readonly<Record<string, () => boolean>>,
  isReady: () => boolean,
  refresh: () => void,
  log: Log,
): readonly HealthServer[] {
  const { healthAddress, metricsAddress } = settings.kubernetes;
  const health = {
    "/livez": { kind: "checks", checks: livez },
    "/readyz": { kind: "checks", checks: { "caches are complete": isReady } },
  } as const;
  const scrape = {
    "/metrics": {
      kind: "text",
      render: async () => {
        refresh();
        return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
      },
    },
  } as const;
  const servers: HealthServer[] = [];
  if (healthAddress !== "off") servers.push(new HealthServer({ address: healthAddress, endpoints: health, log }));
  if (metricsAddress !== "off") servers.push(new HealthServer({ address: metricsAddress, endpoints: scrape, log }));
  return servers;
}
