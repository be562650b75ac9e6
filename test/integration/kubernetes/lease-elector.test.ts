import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";

let bed: KubeBed;
let namespaces = 0;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  bed = await startKubeBed({ name: "kubernetes-elector" });
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

afterAll(async () => {
  await bed?.wipe();
});

async function newNamespace(): Promise<string> {
  namespaces += 1;
  const name = `elector-${namespaces}`;
  await bed.kubectl(["create", "namespace", name]);
  return name;
}

/** A candidate in a process of its own; `words` grows as it speaks. */
function candidate(namespace: string, identity: string) {
  const script = fileURLToPath(new URL("candidate.ts", import.meta.url));
  const child = spawn(process.execPath, [script, bed.kubeconfig, namespace, identity], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const words: string[] = [];
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => words.push(...text.split("\n").filter((word) => word !== "")));
  const says = (word: string, timeout: number) => expect.poll(() => words, { timeout, interval: 20 }).toContain(word);
  return { child, words, says };
}

async function lease(
  namespace: string,
): Promise<{ holderIdentity: string; renewTime: string; leaseTransitions: number }> {
  const text = await bed.kubectl(["get", "lease", "lock", `--namespace=${namespace}`, "--output=json"]);
  return (JSON.parse(text) as { spec: { holderIdentity: string; renewTime: string; leaseTransitions: number } }).spec;
}

describe("of two candidates", () => {
  it("one leads, and the other takes over within 20 s of its kill", async () => {
    const namespace = await newNamespace();
    const first = candidate(namespace, "first");
    await first.says("leading", 10_000);
    const second = candidate(namespace, "second");
    await second.says("candidate", 10_000);
    const before = await lease(namespace);
    expect(before.holderIdentity).toBe("first");
    expect(before.renewTime).toMatch(/\.\d{6}Z$/);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect((await lease(namespace)).renewTime > before.renewTime).toBe(true);
    expect(second.words).toEqual(["candidate"]);

    const killedMs = performance.now();
    first.child.kill("SIGKILL");
    await second.says("leading", 30_000);
    const tookMs = performance.now() - killedMs;
    expect(tookMs).toBeLessThan(20_000);
    // Never before the lease expired: its last renewal was at most a period before the kill.
    expect(tookMs).toBeGreaterThan(12_000);
    expect(await lease(namespace)).toMatchObject({ holderIdentity: "second", leaseTransitions: 1 });
  });

  it("the other leads at once when the first one releases", async () => {
    const namespace = await newNamespace();
    const first = candidate(namespace, "first");
    await first.says("leading", 10_000);
    const second = candidate(namespace, "second");
    await second.says("candidate", 10_000);
    first.child.kill("SIGTERM");
    await first.says("released", 10_000);
    await second.says("leading", 5_000);
    expect((await lease(namespace)).holderIdentity).toBe("second");
  });
});

describe("a leader", () => {
  it("survives a short outage of the API server", async () => {
    const namespace = await newNamespace();
    const leader = candidate(namespace, "leader");
    await leader.says("leading", 10_000);
    await bed.killApiServer();
    await bed.startApiServer();
    const { renewTime } = await lease(namespace);
    await expect.poll(async () => (await lease(namespace)).renewTime > renewTime, { timeout: 10_000 }).toBe(true);
    expect(leader.words).toEqual(["candidate", "leading"]);
  });

  it("ends itself when it cannot renew for 10 s, before another can lead", async () => {
    const namespace = await newNamespace();
    const leader = candidate(namespace, "leader");
    await leader.says("leading", 10_000);
    const pausedMs = performance.now();
    await bed.pauseApiServer();
    await leader.says("lost", 20_000);
    expect(performance.now() - pausedMs).toBeLessThan(13_000);
    await bed.resumeApiServer();
    const next = candidate(namespace, "next");
    await next.says("leading", 30_000);
  });
});
