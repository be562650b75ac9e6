import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const PREFIX = "bacula_openstack_sync_";
const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/**
 * The operator's metrics: base units, `_total` for counters, no label whose values grow with the number of VMs
 * (Prometheus' naming rules). `client` is the Bacula client's name.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const named = (name: string, help: string) => ({ name: `${PREFIX}${name}`, help, registers });

  return {
    registry,
    vms: new Gauge({
      ...named("vms", "VMs of a client by state: live, active, missing, disabled, optedOut, rejected, held."),
      labelNames: ["client", "state"],
    }),
    unprotectedVms: new Gauge({
      ...named(
        "unprotected_vms",
        "Live VMs that are not opted out and have no published enabled job or no good backup.",
      ),
      labelNames: ["client"],
    }),
    removalsHeld: new Gauge({
      ...named("removals_held", "VMs whose removal waits for approval, since too many are gone at once."),
      labelNames: ["client"],
    }),
    discoveries: new Counter({
      ...named("discoveries_total", "Answers to .query by how they were judged: listed, failed, suspicious."),
      labelNames: ["client", "result"],
    }),
    lastDiscovery: new Gauge({
      ...named("discovery_last_success_timestamp_seconds", "When the last trusted listing of a client was taken."),
      labelNames: ["client"],
    }),
    discoveryInterval: new Gauge({
      ...named("discovery_interval_seconds", "How often a client is to be asked; for alerts on a stale discovery."),
      labelNames: ["client"],
    }),
    passDuration: new Histogram({
      ...named(
        "pass_duration_seconds",
        "Duration of one pass over one client, from the question to the published file.",
      ),
      buckets: SECONDS,
    }),
    fileChanges: new Counter({
      ...named("job_file_changes_total", "Changes of job and fileset files by kind: create, edit, reject, unreject."),
      labelNames: ["kind"],
    }),
    fileFailures: new Counter({
      ...named("job_file_failures_total", "Changes that the volume refused, by reason."),
      labelNames: ["reason"],
    }),
    reloads: new Counter({
      ...named("director_reloads_total", "Reloads of the Director by outcome: reloaded, busy, refused, unknown."),
      labelNames: ["outcome"],
    }),
    lastReloadSuccessful: new Gauge(
      named("director_last_reload_successful", "1 when the last reload was taken by the Director, 0 when not."),
    ),
    reloadSlotsUsed: new Gauge(
      named(
        "director_reload_slots_used",
        "Reload slots that failed reloads took from the Director, of 32, as of the last publish; it gets them back when it restarts.",
      ),
    ),
    reloadSlotsPinned: new Gauge(
      named(
        "director_reload_slots_pinned",
        "Reloads that were taken while the oldest running job runs, of at most 12, as of the last publish; its end frees their slots.",
      ),
    ),
    reloadDuration: new Histogram({
      ...named("director_reload_duration_seconds", "Duration of a reload."),
      buckets: SECONDS,
    }),
    apiRequests: new Counter({
      ...named("kubernetes_requests_total", "Requests to the Kubernetes API by verb and HTTP status."),
      labelNames: ["verb", "code"],
    }),
    watchRestarts: new Counter({
      ...named("watch_restarts_total", "Watches that ended and began again, by resource."),
      labelNames: ["resource"],
    }),
    queueDepth: new Gauge({ ...named("workqueue_depth", "Keys that wait in a work queue."), labelNames: ["queue"] }),
    queueAdds: new Counter({ ...named("workqueue_adds_total", "Keys added to a work queue."), labelNames: ["queue"] }),
    queueRetries: new Counter({
      ...named("workqueue_retries_total", "Keys added again after an error."),
      labelNames: ["queue"],
    }),
    reconcileDuration: new Histogram({
      ...named("reconcile_duration_seconds", "Duration of one reconcile."),
      labelNames: ["controller"],
      buckets: SECONDS,
    }),
    leader: new Gauge(named("leader", "1 while this process holds the Lease.")),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
