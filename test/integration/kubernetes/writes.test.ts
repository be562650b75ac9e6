import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";
import { ResourceClient } from "../../../src/kubernetes/apply.ts";
import { EventRecorder } from "../../../src/kubernetes/event-recorder.ts";
import { StatusWriter } from "../../../src/kubernetes/status-writer.ts";
import { systemTiming } from "../../../src/kubernetes/time/timing.ts";
import { type Connection, connect } from "../../support/kubernetes/connect.ts";

const widgets = { group: "test.example.com", version: "v1", plural: "widgets", namespaced: true };
const forever = new AbortController().signal;
const own = { fieldManager: "test", signal: forever };
const namespace = "default";

const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.test.example.com" },
  spec: {
    group: "test.example.com",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties: { size: { type: "integer" }, color: { type: "string" } } },
              status: {
                type: "object",
                properties: {
                  phase: { type: "string" },
                  conditions: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["type"],
                    items: {
                      type: "object",
                      required: ["type", "status"],
                      properties: {
                        type: { type: "string" },
                        status: { type: "string" },
                        reason: { type: "string" },
                        message: { type: "string" },
                        lastTransitionTime: { type: "string", format: "date-time" },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

interface Widget {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly spec?: { readonly size?: number; readonly color?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
  };
}

let bed: KubeBed;
let admin: Connection;
let client: ResourceClient;
let serial = 0;
let name = "";

beforeAll(async () => {
  bed = await startKubeBed({ name: "kubernetes-writes" });
  await bed.kubectl(["apply", "--filename=-"], JSON.stringify(crd));
  await bed.kubectl(["wait", "--for=condition=Established", "crd/widgets.test.example.com", "--timeout=30s"]);
  admin = await connect(bed.kubeconfig);
  client = new ResourceClient(admin.transport, widgets);
});

beforeEach(() => {
  serial += 1;
  name = `widget-${serial}`;
  admin.seen.length = 0;
});

afterAll(async () => {
  await admin?.transport.close();
  await bed?.wipe();
});

const manifest = (spec: Record<string, unknown>) => ({
  apiVersion: "test.example.com/v1",
  kind: "Widget",
  metadata: { namespace, name },
  spec,
});
const read = async () => (await client.get({ namespace, name }, forever)) as Widget;

describe("writing an object", () => {
  it("creates it once", async () => {
    await client.create(manifest({ size: 1 }), own);
    await expect(client.create(manifest({ size: 1 }), own)).rejects.toMatchObject({ code: "AlreadyExists" });
  });

  it("applies what is ours, gives up what we no longer send, and leaves what is others'", async () => {
    await client.apply(manifest({ size: 1, color: "red" }), own);
    await client.apply(manifest({ color: "red" }), { ...own, fieldManager: "other" });
    await client.apply(manifest({}), own);
    expect((await read()).spec).toEqual({ color: "red" });
    await client.apply(manifest({ color: "blue" }), own);
    expect((await read()).spec).toEqual({ color: "blue" });
  });

  it("that is the same changes no version", async () => {
    await client.apply(manifest({ size: 1 }), own);
    const { metadata } = await read();
    await client.apply(manifest({ size: 1 }), own);
    expect((await read()).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  it("merges a patch", async () => {
    await client.create(manifest({ size: 1, color: "red" }), own);
    await client.mergePatch({ namespace, name }, { spec: { color: null, size: 2 } }, own);
    expect((await read()).spec).toEqual({ size: 2 });
  });

  it("that does not fit its schema is refused with a reason", async () => {
    await expect(client.create(manifest({ size: "big" }), own)).rejects.toMatchObject({
      code: "Invalid",
      message: expect.stringContaining("spec.size"),
    });
  });

  it("deletes only the object that was meant", async () => {
    const created = (await client.create(manifest({}), own)) as Widget;
    const another = { uid: "00000000-0000-0000-0000-000000000000" };
    await expect(client.delete({ namespace, name }, another, forever)).rejects.toMatchObject({ code: "Conflict" });
    await client.delete({ namespace, name }, { uid: created.metadata.uid }, forever);
    await expect(read()).rejects.toMatchObject({ code: "NotFound" });
  });
});

describe("writing a status", () => {
  const conditions = (status: "True" | "False", reason = "Synced") => [
    { type: "Ready", status, reason, message: "all well" },
  ];
  const newWriter = () =>
    new StatusWriter({ client, kind: "Widget", fieldManager: "test-status", timing: systemTiming });
  const request = (widget: Widget, desired: { phase?: string; conditions: ReturnType<typeof conditions> }) => ({
    ref: { namespace, name },
    uid: widget.metadata.uid,
    resourceVersion: widget.metadata.resourceVersion,
    current: widget.status,
    desired,
  });

  it("sends nothing the second time, whether the cache is behind or not, nor from another process", async () => {
    const before = (await client.create(manifest({}), own)) as Widget;
    const desired = { phase: "Active", conditions: conditions("True") };
    const writer = newWriter();
    expect(await writer.write(request(before, desired), forever)).toMatchObject({ kind: "written" });
    const after = await read();
    admin.seen.length = 0;
    expect(await writer.write(request(before, desired), forever)).toEqual({ kind: "unchanged" });
    expect(await writer.write(request(after, desired), forever)).toEqual({ kind: "unchanged" });
    expect(await newWriter().write(request(after, desired), forever)).toEqual({ kind: "unchanged" });
    expect(admin.seen).toEqual([]);
  });

  it("keeps the time of a condition until it turns, and gives up fields that are gone", async () => {
    const created = (await client.create(manifest({}), own)) as Widget;
    const writer = newWriter();
    await writer.write(request(created, { phase: "Active", conditions: conditions("True") }), forever);
    const first = await read();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await writer.write(request(first, { conditions: conditions("True", "Adopted") }), forever);
    const second = await read();
    expect(second.status?.phase).toBeUndefined();
    expect(second.status?.conditions?.[0]).toMatchObject({
      reason: "Adopted",
      lastTransitionTime: first.status?.conditions?.[0]?.lastTransitionTime,
    });
    await writer.write(request(second, { conditions: conditions("False") }), forever);
    const third = await read();
    expect(third.status?.conditions?.[0]?.lastTransitionTime).not.toBe(
      first.status?.conditions?.[0]?.lastTransitionTime,
    );
  });

  it("of an object that is gone says so", async () => {
    const created = (await client.create(manifest({}), own)) as Widget;
    await client.delete({ namespace, name }, {}, forever);
    const outcome = await newWriter().write(request(created, { conditions: conditions("True") }), forever);
    expect(outcome).toEqual({ kind: "gone" });
  });

  it("with a field that the CRD does not know fails aloud", async () => {
    const created = (await client.create(manifest({}), own)) as Widget;
    const desired = { bogus: 1, conditions: conditions("True") };
    await expect(newWriter().write(request(created, desired), forever)).rejects.toMatchObject({
      code: "ServerError",
      message: expect.stringContaining(".status.bogus: field not declared in schema"),
    });
  });
});

describe("events", () => {
  interface ListedEvent {
    readonly reason: string;
    readonly message: string;
    readonly count: number;
    readonly type: string;
  }

  const eventsOf = async (uid: string): Promise<readonly ListedEvent[]> => {
    const text = await bed.kubectl(["get", "events", `--field-selector=involvedObject.uid=${uid}`, "--output=json"]);
    const { items } = JSON.parse(text) as { items: ListedEvent[] };
    return items.map(({ reason, message, count, type }) => ({ reason, message, count, type }));
  };

  it("are counted up and not repeated, and shown by kubectl describe", async () => {
    const { metadata } = (await client.create(manifest({}), own)) as Widget;
    const stop = new AbortController();
    const recorder = new EventRecorder({
      transport: admin.transport,
      component: "tester",
      instance: "tester-0",
      timing: systemTiming,
      log: admin.log,
    });
    const run = recorder.run(stop.signal);
    const subject = { apiVersion: "test.example.com/v1", kind: "Widget", namespace, name, uid: metadata.uid };
    for (let n = 0; n < 4; n++) {
      recorder.record({ subject, type: "Warning", reason: "Held", message: "too many are missing" });
      await recorder.flush(5_000);
    }
    recorder.record({ subject, type: "Normal", reason: "Created", message: `job \u001b[31m${"ü".repeat(2_000)}` });
    await recorder.flush(5_000);
    stop.abort(new Error("the test has ended"));
    await run;

    const events = (await eventsOf(metadata.uid)).toSorted((a, b) => (a.reason < b.reason ? -1 : 1));
    expect(events).toMatchObject([
      { reason: "Created", count: 1, type: "Normal" },
      { reason: "Held", count: 4, type: "Warning", message: "too many are missing" },
    ]);
    expect(Buffer.byteLength(events[0]?.message ?? "")).toBeGreaterThan(1_000);
    expect(await bed.kubectl(["describe", "widget", name])).toMatch(/Warning\s+Held\s+.*\(x4 over .*\)\s+tester/);
    expect(admin.log.lines).toEqual([]);
  });
});
