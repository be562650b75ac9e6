import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { z } from "zod";
import type { KubeBed } from "../../hack/testbed/kube-bed.ts";
import { NAMESPACE } from "../../hack/testbed/operator-process.ts";
import { MANAGED_VM } from "../../src/api/group.ts";
import type { BenchClient, BenchVm } from "./bench-fleet.ts";
import { lastJobId } from "./catalog-history.ts";
import type { OperatorBed } from "./operator-bed.ts";

const sampleObject = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  status: z.looseObject({ lastBackup: z.looseObject({ jobId: z.number() }) }),
});

const PUTS_AT_ONCE = 16;

/**
 * Makes a large fleet in a minute instead of the quarter of an hour that the API server would need: for each client the
 * operator itself has synced the first VM, and all others become copies of what it wrote, files on the volume and
 * objects in etcd. The operator that is started next publishes them; were a copy not what it would have written, it
 * would correct it, and the API server would count that.
 */
export async function cloneFleet(bed: OperatorBed, clients: readonly BenchClient[]): Promise<void> {
  const [samples, total] = [new Map<BenchClient, string>(), clients.reduce((sum, { vms }) => sum + vms.length, 0)];
  for (const client of clients) samples.set(client, await sampleOf(bed, client));
  let number = 0;
  for (const client of clients) {
    const [sample] = client.vms;
    const object = samples.get(client);
    if (sample === undefined || object === undefined) continue;
    await cloneFiles(bed.bacula.baseDir, client, sample);
    const puts: { key: string; value: string }[] = [];
    for (const vm of client.vms) {
      number += 1;
      if (vm !== sample) puts.push(objectOf(object, client, sample, vm, lastJobId(number, total)));
    }
    await putAll(bed.kubernetes, puts);
  }
}

async function sampleOf(bed: OperatorBed, client: BenchClient): Promise<string> {
  const name = objectName(client, client.vms[0]);
  const resource = `${MANAGED_VM.plural}.${MANAGED_VM.group}`;
  return bed.kubernetes.kubectl(["get", resource, name, "-n", NAMESPACE, "-o", "json", "--show-managed-fields"]);
}

async function cloneFiles(baseDir: string, { spec, vms }: BenchClient, sample: BenchVm): Promise<void> {
  const folder = join(baseDir, spec.datacenter, spec.openstack);
  const [job, fileSet] = await Promise.all(
    ["job", "fileset"].map((file) => readFile(join(folder, sample.name, file), "utf8")),
  );
  if (job === undefined || fileSet === undefined) return;
  for (const vm of vms) {
    if (vm === sample) continue;
    await mkdir(join(folder, vm.name));
    await writeFile(join(folder, vm.name, "fileset"), renamed(fileSet, sample, vm), { mode: 0o640 });
    await writeFile(join(folder, vm.name, "job"), renamed(job, sample, vm), { mode: 0o640 });
  }
}

function objectOf(object: string, client: BenchClient, sample: BenchVm, vm: BenchVm, jobId: number) {
  const sampleJobId = sampleObject.parse(JSON.parse(object)).status.lastBackup.jobId;
  const text = renamed(object, sample, vm)
    .replaceAll(`"jobId": ${sampleJobId}`, `"jobId": ${jobId}`)
    .replaceAll(`JobId ${sampleJobId} `, `JobId ${jobId} `);
  const copy = sampleObject.parse(JSON.parse(text));
  // What is stored has no version of its own: etcd's revision is it.
  const metadata = { ...copy.metadata, uid: randomUUID(), resourceVersion: undefined };
  const key = `/registry/${MANAGED_VM.group}/${MANAGED_VM.plural}/${NAMESPACE}/${objectName(client, vm)}`;
  return { key, value: `${JSON.stringify({ ...copy, metadata })}\n` };
}

function objectName({ spec }: BenchClient, vm: BenchVm | undefined): string {
  return `${spec.jobPrefix}${vm?.name ?? ""}`;
}

function renamed(text: string, sample: BenchVm, vm: BenchVm): string {
  return text.replaceAll(sample.name, vm.name).replaceAll(sample.uuid, vm.uuid);
}

/**
 * By etcd's JSON gateway, one object a revision as the API server does it: of objects that share a revision, a watch that
 * begins there would miss some.
 */
async function putAll({ ports }: KubeBed, puts: readonly { key: string; value: string }[]): Promise<void> {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const url = `http://127.0.0.1:${ports.etcd}/v3/kv/put`;
  const rest = puts.values();
  const worker = async () => {
    for (const { key, value } of rest) {
      const body = JSON.stringify({ key: base64(key), value: base64(value) });
      const answer = await request(url, { method: "POST", body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`etcd answered ${answer.statusCode}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, worker));
}
