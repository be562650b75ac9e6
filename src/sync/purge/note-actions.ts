import { z } from "zod";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import type { LockedTree } from "../ports.ts";

const document = z.strictObject({ version: z.literal(1), lines: z.array(z.string()) });

const MOST_LINES = 10_000;

/**
 * Keeps what a person has to do after a purge in the state folder, before the last that knows of it goes: a crash, or a
 * log that is gone, must not make anybody forget a file on storage. A line that is there already is not repeated.
 */
export async function noteActions(client: ClientIdentity, lines: readonly string[], tree: LockedTree): Promise<void> {
  if (lines.length === 0) return;
  const name = `actions-required/${client.datacenter}/${client.openstack}`;
  const known = document.safeParse(await tree.readState(name)).data?.lines ?? [];
  const all = [...new Set([...known, ...lines])].slice(-MOST_LINES);
  await tree.writeState(name, { version: 1, lines: all });
}
