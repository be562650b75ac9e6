/**
 * Throws away every old revision of an etcd, by its JSON gateway, so that a watch or a paged list from before it must
 * be answered with 410 Gone. Returns the revision up to which history is gone.
 */
export async function compactEtcd(url: string): Promise<string> {
  const range = await post(`${url}/v3/kv/range`, { key: Buffer.from("/registry/").toString("base64"), limit: "1" });
  const revision = revisionOf(range);
  // "physical": the answer comes when the old revisions are really gone.
  await post(`${url}/v3/kv/compaction`, { revision, physical: true });
  return revision;
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

function revisionOf(answer: unknown): string {
  if (typeof answer === "object" && answer !== null && "header" in answer) {
    const { header } = answer;
    if (typeof header === "object" && header !== null && "revision" in header) return String(header.revision);
  }
  throw new Error(`etcd's answer has no revision: ${JSON.stringify(answer)}`);
}
