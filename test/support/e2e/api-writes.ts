import type { KubeBed } from "../../../hack/testbed/kube-bed.ts";

const SAMPLE = /^apiserver_request_total\{(?<labels>.*)\} (?<count>\S+)$/u;
const READS = new Set(["GET", "LIST", "WATCH", "WATCHLIST", "CONNECT"]);

/**
 * Writes to our resources and to events since the API server's start, by its own count: `PATCH openstackclients/status`
 * and so on. Leases are left out: their renewals are the elector's and the control plane's own.
 */
export async function countApiWrites(kubernetes: KubeBed): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await kubernetes.metricsText()).split("\n")) {
    const { labels, count } = SAMPLE.exec(line)?.groups ?? {};
    if (labels === undefined || count === undefined) continue;
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`, "u").exec(labels)?.[1] ?? "";
    const [verb, resource, subresource] = [label("verb"), label("resource"), label("subresource")];
    const isOurs = label("group") === "bacula-openstack-sync.io" || resource === "events";
    if (!isOurs || READS.has(verb)) continue;
    const key = `${verb} ${resource}${subresource === "" ? "" : `/${subresource}`}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(count));
  }
  return counts;
}

/** What was written between two counts; only what is more than none. */
export function writesBetween(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const grown = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
