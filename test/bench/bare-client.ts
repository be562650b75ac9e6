import { readFile } from "node:fs/promises";
import { Agent } from "undici";
import { z } from "zod";
import type { KubeBed } from "../../hack/testbed/kube-bed.ts";
import { MANAGED_VM } from "../../src/api/group.ts";
import type { ApiTransport } from "../../src/kubernetes/http/api-transport.ts";
import { collectionPath } from "../../src/kubernetes/http/resource.ts";

const listed = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()).optional(),
        ownerReferences: z.array(z.looseObject({ uid: z.string() })).optional(),
      }),
      spec: z.looseObject({ clientRef: z.object({ name: z.string() }) }),
      status: z.looseObject({ phase: z.string() }),
    }),
  ),
});
type WrittenVm = z.infer<typeof listed>["items"][number];

const signal = new AbortController().signal;
/** As in the operator's own pool: more brings nothing. */
const CONNECTIONS = 32;

/** The ManagedVMs of one OpenStackClient as the operator wrote them. Throws when one has no status yet. */
export async function managedVmsOf(transport: ApiTransport, namespace: string, client: string): Promise<WrittenVm[]> {
  const vms: WrittenVm[] = [];
  let next: string | undefined;
  do {
    const query = { limit: 500, continue: next, fieldSelector: `spec.clientRef.name=${client}` };
    const path = collectionPath(MANAGED_VM, namespace);
    const page = listed.parse(await transport.request({ method: "GET", path, query, signal }));
    vms.push(...page.items);
    next = page.metadata.continue === "" ? undefined : page.metadata.continue;
  } while (next !== undefined);
  return vms;
}

/**
 * The baseline of a first sync: writes the same objects into another namespace, a create and a merge patch of the status
 * each, over one pool of kept connections and with the operator's own identity. Nothing else: no cache, no comparison,
 * answers are not even parsed. Resolves with the seconds that it took.
 */
export async function writeBare(
  kubernetes: KubeBed,
  token: string,
  vms: readonly WrittenVm[],
  target: { readonly namespace: string; readonly ownerUid: string },
): Promise<number> {
  const bodies = vms.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    object: JSON.stringify({
      apiVersion: `${MANAGED_VM.group}/${MANAGED_VM.version}`,
      kind: MANAGED_VM.kind,
      metadata: {
        name: metadata.name,
        namespace: target.namespace,
        labels: metadata.labels,
        ownerReferences: metadata.ownerReferences?.map((owner) => ({ ...owner, uid: target.ownerUid })),
      },
      spec,
    }),
    status: JSON.stringify({ status }),
  }));
  const ca = await readFile(kubernetes.caFile);
  const agent = new Agent({ allowH2: false, connect: { ca }, connections: CONNECTIONS });
  const path = collectionPath(MANAGED_VM, target.namespace);
  const send = async (method: "POST" | "PATCH", to: string, body: string, contentType: string) => {
    const headers = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": contentType };
    const answer = await agent.request({ origin: kubernetes.server, method, path: to, body, headers });
    const text = await answer.body.text();
    if (answer.statusCode > 299) throw new Error(`${method} ${to}: ${answer.statusCode} ${text}`);
  };
  const start = performance.now();
  const rest = bodies.values();
  const worker = async () => {
    for (const { name, object, status } of rest) {
      await send("POST", `${path}?fieldManager=bench`, object, "application/json");
      await send("PATCH", `${path}/${name}/status?fieldManager=bench`, status, "application/merge-patch+json");
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - start) / 1000;
  await agent.close();
  return seconds;
}
