import { randomInt } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { getAsAdmin } from "../../hack/testbed/kubernetes/api-request.ts";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition, withoutVersions } from "../support/e2e/kube-objects.ts";
import { Site, SPEC, until } from "../support/e2e/site.ts";
import { readTree } from "../support/e2e/tree.ts";

const VMS = 500;
const KILLS_A_SYNC = 5;
/** A lease would only make each new start wait 15 s for the dead one's; who leads is another test's matter. */
const ALONE = { LEADER_ELECT: "0" };

/** Clients that see one fleet, so that their first syncs must end alike. */
const [undisturbed, ...crashed] = [2, 3, 4, 5, 6].map((number) => ({
  ...SPEC,
  openstack: `openstack${number}`,
  client: `bacula-dc1-os${number}-fd`,
  jobPrefix: `backup-dc1-os${number}-`,
}));
if (undisturbed === undefined) throw new Error("there is no client to compare with");
type Spec = typeof undisturbed;

/** So that a failure can be played again: `CRASH_SEED=<printed seed>`. */
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));
const random = mulberry32(seed);

let site: Site;
beforeAll(async () => {
  site = await Site.open("e2e-crash", [undisturbed.client, ...crashed.map(({ client }) => client)]);
  const fleet = Array.from({ length: VMS }, (_, index) => {
    const digits = String(index).padStart(12, "0");
    const tag = index % 7 === 0 ? " tag=Gold" : "";
    // Every tenth has a name that another has too.
    return `server=vm${index % 10 === 0 ? index + 1 : index} uuid=00000000-0000-4000-8000-${digits}${tag}\n`;
  });
  await site.bacula.fleet(SPEC.proxyServer, fleet.join(""));
});
afterAll(() => site.close());

it(`a first sync of ${VMS} VMs ends alike, killed at ${crashed.length * KILLS_A_SYNC} random moments (seed ${seed})`, async () => {
  let kills = 0;
  const stages = new Set<string>();
  const operator = await site.startOperator(ALONE);
  for (const spec of crashed) {
    await site.apply(spec.openstack, spec);
    for (let killsLeft = KILLS_A_SYNC; killsLeft > 0; killsLeft--) {
      stages.add(await killInTheMiddle(operator, spec, killsLeft));
      kills++;
      await operator.start();
    }
    await whenSynced(spec);
  }
  await site.apply(undisturbed.openstack, undisturbed);
  await whenSynced(undisturbed);
  await operator.stop();

  expect(kills).toBe(20);
  expect([...stages].sort((a, b) => a.localeCompare(b))).toEqual(["files", "objects"]);
  const jobs = await site.directorJobs();
  const wanted = await outcomeOf(undisturbed, jobs);
  // Temporary files have other names: equal names say that none was left.
  expect(wanted.files).toHaveLength(2 * VMS + 1);
  expect(wanted.jobs).toHaveLength(VMS);
  expect(wanted.objects).toHaveLength(VMS);
  for (const spec of crashed) expect(await outcomeOf(spec, jobs)).toEqual(wanted);

  const paths = [...(await readTree(site.bacula.baseDir)).keys()];
  expect(paths.filter((path) => /tmp|temp|writing/u.test(path))).toEqual([]);
}, 480_000);

/**
 * Kills it when a random part of what is still to be done is done, so that the kills fall into the one sync. Says which
 * half it was in.
 */
async function killInTheMiddle(operator: OperatorProcess, spec: Spec, killsLeft: number): Promise<"files" | "objects"> {
  const begin = await progress(spec);
  const rest = 2 * VMS - begin.files - begin.objects;
  const target = begin.files + begin.objects + 1 + Math.floor(random() * (rest - 1) * Math.min(1, 1.5 / killsLeft));
  const deadline = performance.now() + 30_000;
  let seen = begin;
  while (seen.files + seen.objects < target) {
    if (performance.now() > deadline) throw new Error(`no progress to ${target}: ${JSON.stringify(seen)}`);
    // Files come within some hundred milliseconds; objects take seconds, and the API server's time is the operator's.
    if (seen.files === VMS) await sleep(5);
    seen = await progress(spec);
  }
  await operator.kill("SIGKILL");
  return seen.objects > 0 ? "objects" : "files";
}

const list = z.object({
  items: z.array(z.unknown()),
  metadata: z.object({ remainingItemCount: z.number().default(0) }),
});

/** How many VMs of the client have a folder, and how many a ManagedVM; the clients before it have all of theirs. */
async function progress(spec: Spec): Promise<{ readonly files: number; readonly objects: number }> {
  const names = await readdir(join(site.bacula.baseDir, "datacenter1", spec.openstack)).catch(() => []);
  const files = names.filter((name) => name.startsWith("vm")).length;
  if (files < VMS) return { files, objects: 0 };
  const path = "/apis/bacula-openstack-sync.io/v1alpha1/namespaces/bacula/managedvms?limit=1";
  const { body } = await getAsAdmin(join(site.kubernetes.dir, "certificates"), site.kubernetes.server + path);
  const { items, metadata } = list.parse(JSON.parse(body));
  return { files, objects: items.length + metadata.remainingItemCount - crashed.indexOf(spec) * VMS };
}

async function whenSynced({ openstack }: Spec): Promise<void> {
  await until(
    () => site.client(openstack),
    (client) => condition(client, "Ready") === "True Succeeded" && client.status.counts?.active === VMS,
    `${openstack} is Ready with ${VMS} VMs`,
    60_000,
  );
}

/** The files, jobs and objects of one client, less what must differ between two clients or runs. */
async function outcomeOf({ openstack, client, jobPrefix }: Spec, jobsOfDirector: readonly string[]) {
  const plain = (text: string): string =>
    text
      .replaceAll(openstack, "OPENSTACK")
      .replaceAll(client, "CLIENT")
      .replaceAll(jobPrefix, "PREFIX")
      .replaceAll(/created: .*/gu, "created: then");
  const tree = await readTree(join(site.bacula.baseDir, "datacenter1", openstack));
  const objects = await site.managedVms(openstack);
  return {
    files: [...tree].map(([path, text]) => [path, plain(text)]),
    jobs: jobsOfDirector.filter((job) => job.startsWith(jobPrefix)).map(plain),
    objects: objects.map((object) => plain(JSON.stringify(withoutVersions(object)))),
  };
}

/** Numbers in [0, 1), the same ones for the same seed. */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
