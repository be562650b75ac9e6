import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { Observation } from "./pass-report.ts";
import type { Ports } from "./ports.ts";

/**
 * Sees one client: which VMs there are (white paper 3.1) and what has been backed up (3.2). Takes no lock and changes
 * nothing; trouble is part of what was seen. The catalog is asked beside the Director, since `.query` may take a minute.
 */
export async function observeClient(
  policy: ClientPolicy,
  ports: Pick<Ports, "director" | "catalog" | "clock">,
  signal: AbortSignal,
): Promise<Observation> {
  const [discovery, catalog] = await Promise.all([
    ports.director.listVms(policy, signal),
    ports.catalog.history(policy, signal),
  ]);
  return { discovery, catalog, atMs: ports.clock.now() };
}
