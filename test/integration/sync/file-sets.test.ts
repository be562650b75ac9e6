import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordSteps } from "../../../src/controllers/open-stack-client/record-steps.ts";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { EventNote } from "../../../src/kubernetes/event-recorder.ts";
import { POLICY } from "../../support/policy.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const FOLDER = "datacenter1/openstack1";
const OTHER_PROXY = { ...POLICY, proxyServer: "new-proxy" };
const SUBJECT = { apiVersion: "v1", kind: "OpenStackClient", name: "dc1-os1", uid: "1" };
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

const fleet = (count: number) => Array.from({ length: count }, (_, index) => vm(index + 1));
const fileSet = (slug: string) => world.file(`${FOLDER}/${slug}/fileset`);
async function passed(policy: ClientPolicy) {
  const { outcome } = await world.pass(policy);
  if (outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(outcome)}`);
  return outcome;
}
/** Slugs of the filesets that name the proxy. */
async function withProxy(proxy: string): Promise<readonly string[]> {
  const files = Object.entries(await world.files());
  return files
    .filter(([path, text]) => path.endsWith("/fileset") && text.includes(`proxy_server=${proxy} `))
    .map(([path]) => path.split("/")[2] ?? "")
    .sort();
}

/** The document of what was applied, which shall stay small whatever cannot follow for a while. */
const remembered = () => world.file(".bacula-openstack-sync/applied-filesets%2Fdatacenter1%2Fopenstack1.json");

describe("filesets follow a changed policy", () => {
  it("a few Plugin lines at once, told and published, and nothing more the next time", async () => {
    world.discovery = listed(...fleet(5));
    await world.pass();
    const before = await world.files();
    const outcome = await passed(OTHER_PROXY);
    expect(outcome.pluginEdits).toEqual({ kind: "allowed" });
    expect(outcome.vms.map(({ fileSetEdit }) => fileSetEdit)).toEqual(Array(5).fill("Plugin"));
    const after = await world.files();
    for (const [path, text] of Object.entries(before))
      expect(after[path]).toBe(text.replaceAll("proxy_server=dc1-os1-proxy ", "proxy_server=new-proxy "));
    world.calls.length = 0;
    const again = await passed(OTHER_PROXY);
    expect(again.vms.map(({ fileSetEdit }) => fileSetEdit)).toEqual(Array(5).fill(undefined));
    expect(world.calls).not.toContain("reload");
    expect(await world.files()).toEqual(after);
  });

  it("more than 50 Plugin lines only when they are approved, once, while new VMs have the new policy", async () => {
    world.discovery = listed(...fleet(60));
    await world.pass();
    const before = await world.files();
    const held = await passed(OTHER_PROXY);
    expect(held.pluginEdits).toMatchObject({ kind: "held", token: expect.stringMatching(/^60-[0-9a-f]{8}$/) });
    expect(await world.files()).toEqual(before);

    world.discovery = listed(...fleet(61));
    await world.pass(OTHER_PROXY);
    world.restart();
    expect(await withProxy("new-proxy")).toEqual(["vm61"]);

    const token = held.pluginEdits.kind === "held" ? held.pluginEdits.token : "";
    world.approval = "60-00000000";
    expect((await passed(OTHER_PROXY)).pluginEdits).toMatchObject({ kind: "held", token });
    world.approval = token;
    expect((await passed(OTHER_PROXY)).pluginEdits).toEqual({ kind: "allowed", approvedBy: token });
    expect(await withProxy("new-proxy")).toHaveLength(61);

    world.approval = undefined;
    expect((await passed(OTHER_PROXY)).pluginEdits).toEqual({ kind: "allowed" });
    const next = await passed({ ...POLICY, proxyServer: "third-proxy" });
    expect(next.pluginEdits).toMatchObject({ kind: "held", token: expect.not.stringMatching(token) });
    expect(await withProxy("third-proxy")).toEqual([]);
  });

  it("with an event that says how many Fulls follow, and none while the lines are held", async () => {
    for (const [count, reasons] of [
      [2, ["PluginLinesChanged"]],
      [55, []],
    ] as const) {
      await world.dispose();
      world = await PlayedWorld.create();
      world.discovery = listed(...fleet(count));
      await world.pass();
      const events: EventNote[] = [];
      recordSteps({ record: (note) => events.push(note) }, SUBJECT, await world.pass(OTHER_PROXY), new Set());
      expect(events.map(({ reason }) => reason)).toEqual(reasons);
      for (const { message } of events) expect(message).toMatch(/ is a Full \(2\): vm1, vm2$/);
    }
  });

  it("held Plugin lines are no question any more when policy is changed back", async () => {
    world.discovery = listed(...fleet(51));
    await world.pass();
    const before = await world.files();
    expect((await passed(OTHER_PROXY)).pluginEdits.kind).toBe("held");
    expect((await passed(POLICY)).pluginEdits).toEqual({ kind: "allowed" });
    expect(await world.files()).toEqual(before);
  });

  it("options without approval, also while the Plugin lines are held", async () => {
    world.discovery = listed(...fleet(51));
    await world.pass();
    const outcome = await passed({ ...OTHER_PROXY, signature: "MD5", dedup: "bothsides" });
    expect(outcome.pluginEdits.kind).toBe("held");
    for (const slug of ["vm1", "vm51"]) {
      const text = await fileSet(slug);
      expect(text).toMatch(/signature = MD5\n +dedup {5}= bothsides\n/);
      expect(text).toContain("proxy_server=dc1-os1-proxy ");
    }
  });

  it("but never a person's own line", async () => {
    world.discovery = listed(...fleet(3));
    await world.pass();
    const own = (await fileSet("vm2")).replace("dc1-os1-proxy", "my-proxy").replace("SHA256", "SHA1");
    const more = (await fileSet("vm3")).replace("Options {", "Options { # mine\n      compression = GZIP");
    await writeFile(join(world.baseDir, FOLDER, "vm2/fileset"), own);
    await writeFile(join(world.baseDir, FOLDER, "vm3/fileset"), more);
    await passed({ ...OTHER_PROXY, signature: "MD5" });
    expect(await fileSet("vm2")).toBe(own);
    expect(await fileSet("vm3")).toBe(more.replace("dc1-os1-proxy", "new-proxy").replace("SHA256", "MD5"));
  });

  it("and a line that nobody knows the old policy of stands", async () => {
    world.discovery = listed(...fleet(3));
    await world.pass();
    const before = await world.files();
    await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
    world.restart();
    await world.pass(OTHER_PROXY);
    expect(await world.files()).toEqual(before);
  });

  it("later, where a VM was absent or suspended when policy changed", async () => {
    world.discovery = listed(...fleet(9));
    await world.pass();
    world.personal = ({ vm: name, suspend }) =>
      name === "vm8" && suspend === undefined ? { suspend: "migration" } : undefined;
    await world.pass();
    world.personal = () => undefined;
    world.discovery = listed(...fleet(8));
    await world.pass(OTHER_PROXY);
    world.discovery = { kind: "failed", reason: "TimedOut", detail: "" };
    const before = await remembered();
    await world.pass({ ...POLICY, proxyServer: "unseen" });
    expect(await remembered()).toBe(before);
    expect(await withProxy("dc1-os1-proxy")).toEqual(["vm8", "vm9"]);
    world.restart();
    world.personal = ({ suspend }) => (suspend === undefined ? undefined : { suspend: null });
    world.discovery = listed(...fleet(9));
    await world.pass(OTHER_PROXY);
    expect(await withProxy("new-proxy")).toHaveLength(9);
  });

  it("of one front end only, until another takes over", async () => {
    const other = { frontEnd: "another", policy: OTHER_PROXY };
    const passOf = async ({ frontEnd, policy }: typeof other, takesOver = false) => {
      Object.assign(world, { frontEnd, takesOver });
      await world.pass(policy);
    };
    const first = { frontEnd: world.frontEnd, policy: POLICY };
    world.discovery = listed(...fleet(3));
    await passOf(first);
    const before = await remembered();
    await passOf(other);
    expect(await remembered()).toBe(before);
    expect(await withProxy("new-proxy")).toEqual([]);
    world.discovery = listed(...fleet(4));
    await passOf(other);
    expect(await withProxy("new-proxy")).toEqual(["vm4"]);
    await passOf(first);
    expect(await withProxy("new-proxy")).toEqual([]);
    await passOf(other, true);
    expect(await withProxy("new-proxy")).toHaveLength(4);
    await passOf(first);
    expect(await withProxy("new-proxy")).toHaveLength(4);
  });

  it("not in a dry run, which says what would be", async () => {
    world.discovery = listed(...fleet(2));
    await world.pass();
    const before = await world.files();
    const outcome = await passed({ ...OTHER_PROXY, mode: "DryRun" });
    expect(outcome.vms.map(({ fileSetEdit }) => fileSetEdit)).toEqual(["Plugin", "Plugin"]);
    expect(await world.files()).toEqual(before);
    expect((await passed(OTHER_PROXY)).vms.map(({ fileSetEdit }) => fileSetEdit)).toEqual(["Plugin", "Plugin"]);
  });

  it("so a dedup that the Director does not know is mended by mending the policy", async () => {
    world.refuses = (texts) => texts.includes("sha256");
    world.discovery = listed(...fleet(60));
    const sha256 = { ...POLICY, dedup: "sha256" };
    expect((await passed(sha256)).publishing.kind).toBe("refused");
    expect((await passed(POLICY)).publishing).toEqual({ kind: "published", jobs: 60 });
    expect(await fileSet("vm1")).not.toContain("dedup");
  });
});
