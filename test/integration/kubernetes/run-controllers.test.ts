import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";
import { ResourceClient } from "../../../src/kubernetes/apply.ts";
import { Controller } from "../../../src/kubernetes/controller.ts";
import { EventRecorder } from "../../../src/kubernetes/event-recorder.ts";
import { refOfKey } from "../../../src/kubernetes/http/resource.ts";
import { LeaseElector } from "../../../src/kubernetes/lease-elector.ts";
import { Reflector } from "../../../src/kubernetes/reflector.ts";
import { runControllers } from "../../../src/kubernetes/run-controllers.ts";
import { systemTiming } from "../../../src/kubernetes/time/timing.ts";
import { WorkQueue } from "../../../src/kubernetes/work-queue.ts";
import { connect } from "../../support/kubernetes/connect.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps", namespaced: true };
const namespace = "mirror";
const forever = new AbortController().signal;

let bed: KubeBed;

beforeAll(async () => {
  bed = await startKubeBed({ name: "kubernetes-controllers" });
  await bed.killControllerManager();
  await bed.kubectl(["create", "namespace", namespace]);
});

afterAll(async () => {
  await bed?.wipe();
});

interface Entry {
  readonly name: string;
  readonly input: string | undefined;
  readonly output: string | undefined;
}

function project(raw: unknown): Entry {
  const { metadata, data } = raw as { metadata: { name: string }; data?: { input?: string; output?: string } };
  return { name: metadata.name, input: data?.input, output: data?.output };
}

/** A whole small operator: writes each ConfigMap's `input` in capitals to its `output`. */
async function startOperator(identity: string) {
  const { transport, log, seen } = await connect(bed.kubeconfig);
  const timing = systemTiming;
  const stop = new AbortController();
  const maps = new ResourceClient(transport, configMaps);
  const queue = new WorkQueue({ timing, maxBackOffMs: 5_000 });
  const reflector = new Reflector<Entry>({
    transport,
    resource: configMaps,
    namespace,
    project,
    indexes: {},
    onEvent: ({ key, initial }) => queue.add(key, initial ? "background" : "live"),
    timing,
    log,
  });
  const reconcile = async (key: string, { signal }: { signal: AbortSignal }) => {
    const entry = reflector.store.get(key);
    const output = entry?.input?.toUpperCase();
    if (entry === undefined || output === undefined || entry.output === output) return { kind: "done" } as const;
    const patch = { data: { output } };
    reflector.observe(await maps.mergePatch(refOfKey(key), patch, { fieldManager: identity, signal }));
    return { kind: "done" } as const;
  };
  const controller = new Controller({
    name: "capitals",
    queue,
    reconciler: { reconcile },
    workers: 4,
    reconcileLimitMs: 30_000,
    timing,
    log,
  });
  const elector = new LeaseElector({ transport, namespace, name: "capitals", identity, timing, log });
  const recorder = new EventRecorder({ transport, component: "capitals", instance: identity, timing, log });
  const readiness: boolean[] = [];
  const end = runControllers(
    {
      reflectors: [reflector],
      controllers: [controller],
      elector,
      recorder,
      transport,
      onReady: (isReady) => readiness.push(isReady),
      timing,
      log,
    },
    stop.signal,
  );
  return { stop, end, elector, readiness, seen, log };
}

async function outputs(): Promise<Record<string, string | undefined>> {
  const text = await bed.kubectl(["get", "configmaps", `--namespace=${namespace}`, "--output=json"]);
  const { items } = JSON.parse(text) as { items: unknown[] };
  return Object.fromEntries(items.map(project).map(({ name, output }) => [name, output]));
}

async function put(name: string, input: string): Promise<void> {
  const { transport } = await connect(bed.kubeconfig);
  const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data: { input } };
  const maps = new ResourceClient(transport, configMaps);
  await maps.apply(manifest, { fieldManager: "person", signal: forever });
  await transport.close();
}

const until = (wanted: Record<string, string>) =>
  expect.poll(outputs, { timeout: 40_000, interval: 200 }).toEqual(wanted);

describe("an operator on this runtime", () => {
  it("goes on through a killed API server and a compacted etcd, hands over when asked to stop, and is quiet when idle", async () => {
    await put("a", "one");
    const first = await startOperator("first");
    await until({ a: "ONE" });
    const second = await startOperator("second");
    await expect.poll(() => second.readiness).toEqual([true]);
    expect([first.elector.isLeader, second.elector.isLeader]).toEqual([true, false]);

    await bed.killApiServer();
    await bed.compactEtcd();
    await bed.startApiServer();
    await put("a", "two");
    await put("b", "three");
    await until({ a: "TWO", b: "THREE" });
    expect(first.elector.isLeader).toBe(true);

    first.stop.abort(new Error("SIGTERM"));
    expect(await first.end).toEqual({ kind: "stopped", isDrained: true });
    expect(first.readiness).toEqual([true, false]);
    await expect.poll(() => second.elector.isLeader, { timeout: 5_000 }).toBe(true);
    await put("c", "four");
    await until({ a: "TWO", b: "THREE", c: "FOUR" });

    second.seen.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const writes = second.seen.filter(({ verb, path }) => verb !== "WATCH" && !path.includes("/leases/"));
    expect(writes).toEqual([]);
    second.stop.abort(new Error("SIGTERM"));
    await second.end;
  });
});
