import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FakeTiming } from "../../../test/support/kubernetes/fake-timing.ts";
import { ScriptedTransport } from "../../../test/support/kubernetes/scripted-transport.ts";
import { MANAGED_VM } from "../../api/group.ts";
import { ResourceClient } from "../../kubernetes/apply.ts";
import { ObjectStore } from "../../kubernetes/cache/object-store.ts";
import { KubeApiError } from "../../kubernetes/http/api-error.ts";
import { StatusWriter } from "../../kubernetes/status-writer.ts";
import { type ManagedVmRecord, toManagedVmRecord } from "./managed-vm-record.ts";
import { projectManagedVms } from "./project-managed-vms.ts";
import { ProjectionMemory } from "./projection-memory.ts";
import type { DesiredManagedVm } from "./shown-vm.ts";

const owner = { namespace: "bacula", name: "dc1-os1", uid: "owner" };
const forever = new AbortController().signal;
const manifest = z.looseObject({ metadata: z.looseObject({ name: z.string() }), spec: z.looseObject({}) });

/** A server, and a cache that shows nothing of what was just made, as a real one does for a moment. */
function start() {
  const objects = new Map<string, z.infer<typeof manifest>>();
  const transport = new ScriptedTransport(async ({ method, path, body }) => {
    if (method !== "POST")
      return objects.get(
        path
          .replace(/\/status$/u, "")
          .split("/")
          .at(-1) ?? "",
      );
    const { metadata, spec } = manifest.parse(body);
    const { name } = metadata;
    if (objects.has(name)) throw new KubeApiError({ code: "AlreadyExists", message: name, httpStatus: 409 });
    const made = { metadata: { ...metadata, uid: `uid-${name}`, resourceVersion: "1", generation: 1 }, spec };
    objects.set(name, made);
    return made;
  });
  const resource = new ResourceClient(transport, MANAGED_VM);
  const ports = {
    store: new ObjectStore<ManagedVmRecord, "client">({ client: () => [] }),
    resource,
    statuses: new StatusWriter({
      client: resource,
      kind: "ManagedVM",
      fieldManager: "status",
      timing: new FakeTiming(),
    }),
    memory: new ProjectionMemory(),
    observe: toManagedVmRecord,
    concurrency: 4,
  };
  return {
    objects,
    project: (vms: readonly DesiredManagedVm[]) => projectManagedVms(owner, vms, true, ports, forever),
  };
}

const vm = (uuid: string, name: string): DesiredManagedVm => ({
  uuid,
  name,
  vmName: name,
  status: { phase: "Active" },
});
const A = "aaaaaaaa-0000-4000-8000-000000000001";
const B = "aaaaaaaa-0000-4000-8000-000000000002";

describe("two VMs whose objects want one name", () => {
  it("get an object each at once, also while the cache does not show the first", async () => {
    const { objects, project } = start();
    expect(await project([vm(A, "web"), vm(B, "web")])).toMatchObject({ failed: 0, firstError: undefined });
    expect([...objects].map(([name, { spec }]) => [name, spec["uuid"]])).toEqual([
      ["web", A],
      [`web-${B}`, B],
    ]);
  });

  it("one VM never gets two: its own object that the cache does not show yet is left to the next pass", async () => {
    const { objects, project } = start();
    await project([vm(A, "web")]);
    expect(await project([vm(A, "web")])).toMatchObject({ failed: 1, firstError: { code: "AlreadyExists" } });
    expect([...objects.keys()]).toEqual(["web"]);
  });
});
