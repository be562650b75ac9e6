import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FakeTiming } from "../../../test/support/kubernetes/fake-timing.ts";
import { ScriptedTransport } from "../../../test/support/kubernetes/scripted-transport.ts";
import { MANAGED_VM } from "../../api/group.ts";
import { ResourceClient } from "../../kubernetes/apply.ts";
import { ObjectStore } from "../../kubernetes/cache/object-store.ts";
import { KubeApiError } from "../../kubernetes/http/api-error.ts";
import { StatusWriter } from "../../kubernetes/status-writer.ts";
import { Announcements } from "./announcements.ts";
import { type ManagedVmRecord, toManagedVmRecord } from "./managed-vm-record.ts";
import { ProjectionMemory } from "./projection-memory.ts";
import { clientKey } from "./projection-ports.ts";

const owner = { namespace: "bacula", name: "dc1-os1", uid: "owner" };
const A = "aaaaaaaa-0000-4000-8000-000000000001";
const B = "aaaaaaaa-0000-4000-8000-000000000002";
const posted = z.looseObject({ metadata: z.looseObject({ name: z.string() }), spec: z.looseObject({}) });

/** An API server that refuses the names in `refused`, and a cache that takes the answers to writes. */
function start(refused: readonly string[] = []) {
  const asked: string[] = [];
  const store = new ObjectStore<ManagedVmRecord, "client">({
    client: ({ namespace, client }) => [clientKey({ namespace, name: client })],
  });
  const transport = new ScriptedTransport(async ({ body }) => {
    const { metadata, spec } = posted.parse(body);
    asked.push(metadata.name);
    if (refused.includes(metadata.name))
      throw new KubeApiError({ code: "Forbidden", message: metadata.name, httpStatus: 403 });
    return { metadata: { ...metadata, uid: `uid-${metadata.name}`, resourceVersion: "1", generation: 1 }, spec };
  });
  const resource = new ResourceClient(transport, MANAGED_VM);
  const observe = (answer: unknown) => {
    const record = toManagedVmRecord(answer);
    const key = `${record.namespace}/${record.name}`;
    store.putUnshown({ key, uid: record.uid, resourceVersion: record.resourceVersion }, record);
    return record;
  };
  const statuses = new StatusWriter({
    client: resource,
    kind: "ManagedVM",
    fieldManager: "status",
    timing: new FakeTiming(),
  });
  const ports = { store, resource, statuses, memory: new ProjectionMemory(), observe, concurrency: 2 };
  return { asked, store, announce: (signal: AbortSignal) => new Announcements(owner, ports, signal) };
}

const vm = (uuid: string, name: string) => ({ uuid, name, vmName: name });
const forever = new AbortController().signal;

describe("announcing VMs whose files are written", () => {
  it("makes an object of each, which the store has when it ends", async () => {
    const { asked, store, announce } = start();
    const announcements = announce(forever);
    announcements.begin([vm(A, "a"), vm(B, "b")]);
    await announcements.end();
    expect(asked).toEqual(["a", "b"]);
    expect([...store.index("client", clientKey(owner))]).toEqual(["bacula/a", "bacula/b"]);
  });

  it("makes those of each part, one part after the other", async () => {
    const { asked, announce } = start();
    const announcements = announce(forever);
    announcements.begin([vm(A, "a")]);
    announcements.begin([vm(B, "b")]);
    await announcements.end();
    expect(asked).toEqual(["a", "b"]);
  });

  it("makes none for a VM that has one, whatever its name", async () => {
    const { asked, announce } = start();
    const before = announce(forever);
    before.begin([vm(A, "opted-out-aaaaaaaa")]);
    await before.end();
    const announcements = announce(forever);
    announcements.begin([vm(A, "web"), vm(B, "b")]);
    await announcements.end();
    expect(asked).toEqual(["opted-out-aaaaaaaa", "b"]);
  });

  it("leaves what it cannot make to the pass, and makes the others", async () => {
    const { asked, store, announce } = start(["a"]);
    const announcements = announce(forever);
    announcements.begin([vm(A, "a"), vm(B, "b")]);
    await announcements.end();
    expect(asked).toEqual(["a", "b"]);
    expect([...store.keys()]).toEqual(["bacula/b"]);
  });

  it("ends without a word when it is aborted", async () => {
    const { asked, announce } = start();
    const announcements = announce(AbortSignal.abort());
    announcements.begin([vm(A, "a")]);
    await announcements.end();
    expect(asked).toEqual([]);
  });
});
