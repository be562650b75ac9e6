import { z } from "zod";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import type { PurgeNotices } from "../../domain/purge/purge-notice.ts";
import type { LockedTree } from "../ports.ts";

const document = z.strictObject({
  version: z.literal(1),
  graceDays: z.number(),
  cleanupAfterDays: z.number(),
  vms: z.record(z.string(), z.strictObject({ sinceMs: z.number(), purgeAtMs: z.number() })),
  begun: z.array(z.strictObject({ uuid: z.string(), atMs: z.number() })),
});

/** What was announced and begun, from the state folder; lost: all is announced anew, so purges are later. */
export async function readPurgeNotices(client: ClientIdentity, tree: LockedTree): Promise<PurgeNotices | undefined> {
  const { data } = document.safeParse(await tree.readState(stateName(client)));
  return data === undefined ? undefined : { ...data, vms: new Map(Object.entries(data.vms)) };
}

/** Writes nothing where nothing was ever announced. */
export async function savePurgeNotices(
  client: ClientIdentity,
  before: PurgeNotices | undefined,
  next: PurgeNotices | undefined,
  tree: LockedTree,
): Promise<void> {
  if (before === undefined && next === undefined) return;
  const empty = { graceDays: 0, cleanupAfterDays: 0, vms: new Map(), begun: [] };
  const { graceDays, cleanupAfterDays, vms, begun } = next ?? empty;
  await tree.writeState(stateName(client), {
    version: 1,
    graceDays,
    cleanupAfterDays,
    vms: Object.fromEntries(vms),
    begun,
  });
}

function stateName({ datacenter, openstack }: ClientIdentity): string {
  return `purges/${datacenter}/${openstack}`;
}
