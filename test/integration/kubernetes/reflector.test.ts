import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";
import { ResourceClient } from "../../../src/kubernetes/apply.ts";
import { Gate } from "../../../src/kubernetes/queue/gate.ts";
import { Reflector } from "../../../src/kubernetes/reflector.ts";
import { systemTiming } from "../../../src/kubernetes/time/timing.ts";
import { type Connection, connect } from "../../support/kubernetes/connect.ts";
import { CuttableProxy } from "../../support/kubernetes/cuttable-proxy.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps", namespaced: true };
const forever = new AbortController().signal;
const own = { fieldManager: "test", signal: forever };

let bed: KubeBed;
let admin: Connection;
let maps: ResourceClient;
let namespaces = 0;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  bed = await startKubeBed({ name: "kubernetes-reflector" });
  // It puts a ConfigMap of its own into every namespace, at a time of its own.
  await bed.killControllerManager();
  admin = await connect(bed.kubeconfig);
  maps = new ResourceClient(admin.transport, configMaps);
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

afterAll(async () => {
  await admin?.transport.close();
  await bed?.wipe();
});

async function newNamespace(): Promise<string> {
  namespaces += 1;
  const name = `reflector-${namespaces}`;
  await bed.kubectl(["create", "namespace", name]);
  return name;
}

const value = (raw: unknown): string => {
  const { data } = raw as { data?: { value?: string } };
  return data?.value ?? "none";
};
const manifest = (namespace: string, name: string, text: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace, name },
  data: { value: text },
});

interface Following {
  readonly namespace: string;
  readonly mayStream?: boolean;
  readonly silenceMs?: number;
  readonly server?: string;
}

/** A reflector of one namespace that runs until the test ends, with what it told. */
async function follow({ namespace, mayStream = true, silenceMs = 60_000, server }: Following) {
  const { transport, log, seen } = await connect(bed.kubeconfig, server);
  const events: string[] = [];
  const lists: string[] = [];
  const watchEnds: string[] = [];
  const stop = new AbortController();
  const reflector = new Reflector<string, "value">({
    transport,
    resource: configMaps,
    namespace,
    project: value,
    indexes: { value: (text) => [text] },
    onEvent: ({ type, key, object, old, initial }) =>
      events.push(`${initial ? "initial " : ""}${type} ${key.split("/")[1]} ${old ?? "-"}>${object}`),
    timing: systemTiming,
    log,
    mayStream,
    silenceMs,
    metrics: { onList: (how) => lists.push(how), onWatchEnd: (reason) => watchEnds.push(reason) },
  });
  const run = reflector.run(stop.signal);
  ends.push(async () => {
    stop.abort(new Error("the test has ended"));
    await run;
    await transport.close();
  });
  await reflector.waitForSync(AbortSignal.timeout(30_000));
  return { reflector, events, lists, watchEnds, log, seen };
}

/** What the API server has, by key and version: the truth that a store must come to. */
async function truth(namespace: string): Promise<Record<string, string>> {
  const text = await bed.kubectl(["get", "configmaps", `--namespace=${namespace}`, "--output=json"]);
  const { items } = JSON.parse(text) as { items: { metadata: { name: string; resourceVersion: string } }[] };
  return Object.fromEntries(
    items.map(({ metadata }) => [`${namespace}/${metadata.name}`, metadata.resourceVersion] as const),
  );
}

function held(reflector: Reflector<string, "value">): Record<string, string | undefined> {
  return Object.fromEntries([...reflector.store.keys()].map((key) => [key, reflector.store.resourceVersion(key)]));
}

async function expectInStep(reflector: Reflector<string, "value">, namespace: string): Promise<void> {
  const wanted = await truth(namespace);
  await expect.poll(() => held(reflector), { timeout: 40_000, interval: 50 }).toEqual(wanted);
}

describe.each([{ mayStream: true }, { mayStream: false }])(
  "following a resource (stream: $mayStream)",
  ({ mayStream }) => {
    it("tells what is there, and then each change once", async () => {
      const namespace = await newNamespace();
      await maps.create(manifest(namespace, "a", "1"), own);
      const { reflector, events, lists } = await follow({ namespace, mayStream });
      expect(events).toEqual(["initial added a ->1"]);
      expect(lists).toEqual([mayStream ? "stream" : "pages"]);
      events.length = 0;

      await maps.create(manifest(namespace, "b", "1"), own);
      await maps.apply(manifest(namespace, "b", "2"), own);
      await maps.delete({ namespace, name: "a" }, {}, forever);
      await expect.poll(() => events, { timeout: 10_000 }).toEqual(["added b ->1", "updated b 1>2", "deleted a 1>1"]);
      await expectInStep(reflector, namespace);
      expect([...reflector.store.index("value", "2")]).toEqual([`${namespace}/b`]);
    });

    it("takes in more than one page", async () => {
      const namespace = await newNamespace();
      const gate = new Gate(16);
      const names = Array.from({ length: 1_203 }, (_, n) => `many-${n}`);
      await Promise.all(
        names.map((name) => gate.run(() => maps.create(manifest(namespace, name, name), own), forever)),
      );
      const { reflector, seen } = await follow({ namespace, mayStream });
      expect(seen.filter(({ verb }) => verb === "GET").length).toBe(mayStream ? 0 : 3);
      await expectInStep(reflector, namespace);
    });

    it("misses nothing when the API server is killed and comes back, and lists again only if it must", async () => {
      const namespace = await newNamespace();
      await maps.create(manifest(namespace, "stays", "1"), own);
      await maps.create(manifest(namespace, "changes", "1"), own);
      const { reflector, events } = await follow({ namespace, mayStream });
      events.length = 0;
      await bed.killApiServer();
      await bed.startApiServer();
      await maps.apply(manifest(namespace, "changes", "2"), own);
      await maps.create(manifest(namespace, "new", "1"), own);
      await expectInStep(reflector, namespace);
      expect(events.filter((event) => !event.includes("kube-root-ca"))).toEqual([
        "updated changes 1>2",
        "added new ->1",
      ]);
    });

    it("misses nothing when it was cut off, etcd forgot the history and the API server is another", async () => {
      const namespace = await newNamespace();
      const proxy = await CuttableProxy.start(bed.ports.api);
      for (const name of ["stays", "changes", "goes", "comes-again"]) {
        await maps.create(manifest(namespace, name, "1"), own);
      }
      ends.push(() => proxy.close());
      const { reflector, events, lists } = await follow({ namespace, mayStream, server: proxy.url });
      await expectInStep(reflector, namespace);
      events.length = 0;

      proxy.cut();
      await maps.apply(manifest(namespace, "changes", "2"), own);
      await maps.delete({ namespace, name: "goes" }, {}, forever);
      await maps.delete({ namespace, name: "comes-again" }, {}, forever);
      await maps.create(manifest(namespace, "comes-again", "1"), own);
      await maps.create(manifest(namespace, "new", "1"), own);
      await bed.killApiServer();
      await bed.compactEtcd();
      await bed.startApiServer();
      proxy.mend();

      await expectInStep(reflector, namespace);
      expect(lists.length).toBe(2);
      expect(events.toSorted()).toEqual([
        "added comes-again ->1",
        "added new ->1",
        "deleted comes-again 1>1",
        "deleted goes 1>1",
        "updated changes 1>2",
      ]);
    });
  },
);

describe("a connection that says nothing", () => {
  it("is given up, and nothing is missed", async () => {
    const namespace = await newNamespace();
    const { reflector, watchEnds, lists } = await follow({ namespace, silenceMs: 2_000 });
    await bed.pauseApiServer();
    await expect.poll(() => watchEnds, { timeout: 20_000 }).toContain("WatchStalled");
    await bed.resumeApiServer();
    await maps.create(manifest(namespace, "new", "1"), own);
    await expectInStep(reflector, namespace);
    expect(lists).toEqual(["stream"]);
  });
});

describe("our own writes", () => {
  it("are there at once", async () => {
    const namespace = await newNamespace();
    const { reflector, events } = await follow({ namespace });
    await expectInStep(reflector, namespace);
    events.length = 0;
    reflector.observe(await maps.create(manifest(namespace, "mine", "1"), own));
    expect(reflector.store.get(`${namespace}/mine`)).toBe("1");
    await maps.create(manifest(namespace, "after", "1"), own);
    await expect.poll(() => events.at(-1), { timeout: 10_000 }).toBe("added after ->1");
    reflector.observe(await maps.apply(manifest(namespace, "mine", "2"), own));
    expect([...reflector.store.index("value", "2")]).toEqual([`${namespace}/mine`]);
    await maps.delete({ namespace, name: "mine" }, {}, forever);
    await expect.poll(() => events.at(-1), { timeout: 10_000 }).toBe("deleted mine 2>2");
  });
});

describe("an account that may not watch", () => {
  it("goes on trying, and is in step as soon as it may", async () => {
    const namespace = await newNamespace();
    await bed.kubectl(["create", "serviceaccount", "blind", `--namespace=${namespace}`]);
    const { transport, log } = await connect(await bed.serviceAccountKubeconfig(namespace, "blind"));
    const stop = new AbortController();
    const reflector = new Reflector<string, "value">({
      transport,
      resource: configMaps,
      namespace,
      project: value,
      indexes: { value: (text) => [text] },
      onEvent: () => {},
      timing: systemTiming,
      log,
    });
    const run = reflector.run(stop.signal);
    ends.push(async () => {
      stop.abort(new Error("the test has ended"));
      await run;
      await transport.close();
    });
    await expect.poll(() => log.fields.at(-1), { timeout: 10_000 }).toMatchObject({ code: "Forbidden" });
    const verbs = ["--verb=get", "--verb=list", "--verb=watch"];
    await bed.kubectl(["create", "role", "see", `--namespace=${namespace}`, ...verbs, "--resource=configmaps"]);
    const account = `--serviceaccount=${namespace}:blind`;
    await bed.kubectl(["create", "rolebinding", "see", `--namespace=${namespace}`, "--role=see", account]);
    await reflector.waitForSync(AbortSignal.timeout(40_000));
    await expectInStep(reflector, namespace);
  });
});
