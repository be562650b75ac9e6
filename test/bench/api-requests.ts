import type { KubeBed } from "../../hack/testbed/kube-bed.ts";

const SAMPLE = /^apiserver_request_total\{(?<labels>.*)\} (?<count>\S+)$/u;

/** Requests that the API server has served since its start, by its own count: `POST managedvms` and so on. */
export type ApiRequests = ReadonlyMap<string, number>;

export async function apiRequests(kubernetes: KubeBed): Promise<ApiRequests> {
  const counts = new Map<string, number>();
  for (const line of (await kubernetes.metricsText()).split("\n")) {
    const { labels, count } = SAMPLE.exec(line)?.groups ?? {};
    if (labels === undefined || count === undefined) continue;
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`, "u").exec(labels)?.[1] ?? "";
    const subresource = label("subresource");
    const key = `${label("verb")} ${label("resource")}${subresource === "" ? "" : `/${subresource}`}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(count));
  }
  return counts;
}

/** What came between two counts, of the given resources only. */
export function requestsBetween(before: ApiRequests, after: ApiRequests, resources: RegExp): ApiRequests {
  const grown = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
  return new Map(grown.filter(([key, count]) => count > 0 && resources.test(key)));
}

export function totalOf(requests: ApiRequests): number {
  return [...requests.values()].reduce((sum, count) => sum + count, 0);
}

export function shownRequests(requests: ApiRequests): string {
  const parts = [...requests].map(([key, count]) => `${count} ${key}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}
