import { z } from "zod";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import { forgetBefore, LOST_LOG, type SightLog } from "../../domain/lifecycle/absence-clock.ts";
import type { ClientTree, LockedTree } from "../ports.ts";

const document = z.strictObject({
  version: z.literal(1),
  lastSeenMs: z.number(),
  gaps: z.array(z.strictObject({ fromMs: z.number(), toMs: z.number() })),
});

/** The log in the state folder; one that is lost or of another form makes removals later, never earlier. */
export async function readSightLog(client: ClientIdentity, tree: LockedTree): Promise<SightLog> {
  const parsed = document.safeParse(await tree.readState(stateName(client)));
  return parsed.success ? { lastSeenMs: parsed.data.lastSeenMs, gaps: parsed.data.gaps } : LOST_LOG;
}

/** The log matters only while an absence runs; without one nothing is written. */
export async function saveSightLog(
  client: ClientIdentity,
  log: SightLog,
  after: ClientTree,
  tree: LockedTree,
): Promise<void> {
  const absences = after.folders.flatMap((folder) =>
    (folder.kind === "ours" || folder.kind === "purging") && folder.job?.headers.missingSince !== undefined
      ? [folder.job.headers.missingSince]
      : [],
  );
  if (absences.length === 0) return;
  const oldestMs = absences.reduce((oldest, ms) => Math.min(oldest, ms));
  const { lastSeenMs, gaps } = forgetBefore(log, oldestMs);
  await tree.writeState(stateName(client), { version: 1, lastSeenMs, gaps });
}

function stateName({ datacenter, openstack }: ClientIdentity): string {
  return `sight/${datacenter}/${openstack}`;
}
