import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { Discovery } from "../domain/discovery/discovery.ts";
import type { Observation } from "./pass-report.ts";
import type { Ports } from "./ports.ts";

type Eyes = Pick<Ports, "director" | "catalog" | "clock">;

/**
 * Sees one client: which VMs there are (white paper 3.1) and what has been backed up (3.2). Takes no lock and changes
 * nothing; trouble is part of what was seen. The catalog is asked beside the Director, since `.query` may take a minute.
 */
export async function observeClient(policy: ClientPolicy, ports: Eyes, signal: AbortSignal): Promise<Observation> {
  const [discovery, catalog] = await Promise.all([
    ports.director.listVms(policy, signal),
    ports.catalog.history(policy, signal),
  ]);
  return { discovery, catalog, atMs: ports.clock.now(), absences: "unconfirmed" };
}

/** How often an answer that lacks a VM is asked again (rule 1). */
const MORE_ANSWERS = 2;

/**
 * Asks again before anything follows from an absence (rule 1): a broken link gives a list of whole lines that looks
 * complete. Absences are confirmed only when all answers show the same uuids; else none of the answers is believed.
 */
export async function confirmAbsences(
  observation: Observation,
  policy: ClientPolicy,
  ports: Eyes,
  signal: AbortSignal,
): Promise<Observation> {
  const uuids = uuidsOf(observation.discovery);
  for (let answer = 0; answer < MORE_ANSWERS; answer++) {
    const again = await ports.director.listVms(policy, signal);
    if (uuids !== undefined && uuidsOf(again) === uuids) continue;
    return { ...observation, discovery: suspicious(observation.discovery, again) };
  }
  // What was backed up meanwhile proves a VM to exist.
  const catalog = await ports.catalog.history(policy, signal);
  return { ...observation, catalog, atMs: ports.clock.now(), absences: "confirmed" };
}

function uuidsOf(discovery: Discovery): string | undefined {
  if (discovery.kind !== "listed") return undefined;
  const uuids = discovery.vms.map(({ uuid }) => uuid);
  return uuids.sort((a, b) => (a < b ? -1 : 1)).join("\n");
}

function suspicious(first: Discovery, again: Discovery): Discovery {
  const counted = (discovery: Discovery) =>
    discovery.kind === "listed" ? `${discovery.vms.length} VMs` : `${discovery.reason}: ${discovery.detail}`;
  const detail = `VMs were missing from an answer, and asked again the answer was another one: first ${counted(first)}, then ${counted(again)}`;
  return { kind: "suspicious", reason: "AbsencesNotConfirmed", detail };
}
