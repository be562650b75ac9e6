import { randomUUID } from "node:crypto";
import { cp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { createDirector } from "../../../src/bacula/director.ts";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { Director } from "../../../src/sync/ports.ts";
import { SyncRunner } from "../../../src/sync/sync-runner.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { FRONT_END, POLICY } from "../../support/policy.ts";
import { listed, vm } from "../../support/sync/played-world.ts";

const never = new AbortController().signal;
const FOLDER = "datacenter1/openstack1";

let bed: BaculaBed;
let director: Director;
/** Where the Director looks for the published files: a link to the tree, or a copy of it that does not follow. */
let mount: string;
let showed = 0;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "bacula-other-tree" });
  mount = join(bed.dir, "mount");
  await symlink(bed.baseDir, mount);
  const real = createDirector({
    bconsolePath: bed.bconsolePath,
    bconsoleConf: bed.restrictedBconsoleConf,
    timeoutMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
    clock: Date,
  });
  director = {
    ...real,
    listVms: async () => listed(...[1, 2, 3].map((number) => vm(number))),
    showJobs: (names, signal) => {
      showed += names.length;
      return real.showJobs(names, signal);
    },
  };
}, 300_000);
afterAll(() => bed?.wipe());

async function goStale(): Promise<void> {
  await rm(mount);
  await cp(bed.baseDir, mount, { recursive: true });
}
async function mountAgain(): Promise<void> {
  await rm(mount, { recursive: true });
  await symlink(bed.baseDir, mount);
}

/** One pass of a process of its own. */
async function pass(policy: ClientPolicy = POLICY) {
  const ports = {
    director,
    catalog: {
      history: async () => ({ kind: "read", history: new Map(), catalogNowMs: Date.now() }) as const,
    },
    volume: createVolume({
      baseDir: bed.baseDir,
      directorBaseDir: mount,
      timeZone: "UTC",
      lockWaitMs: 5_000,
      clock: Date,
      newId: randomUUID,
    }),
    clock: Date,
  };
  const runner = new SyncRunner(ports, { gatherMs: 0, signal: never });
  const request = { policy, personal: () => () => undefined, maxSightGapMs: 600_000, frontEnd: FRONT_END };
  const { outcome } = await runner.run(request, never);
  if (outcome.kind !== "passed") throw new Error(`the pass ended as ${JSON.stringify(outcome)}`);
  return { publishing: outcome.publishing, vms: outcome.vms.map(({ publishing }) => publishing.kind) };
}

async function edit(slug: string, from: string | RegExp, to: string): Promise<void> {
  const path = join(bed.baseDir, FOLDER, slug, "job");
  await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
}
const GOLD = [/Pool( *)= "Default"/, 'Pool$1= "GoldPool"'] as const;
const SCRIPT = [
  "Job {\n",
  'Job {\n  RunScript {\n    RunsWhen = Before\n    Command = "/bin/true # } x"\n  }\n',
] as const;

describe("a Director that reads another copy of the tree", () => {
  it("is noticed by what it shows of the jobs that changed, until it reads this one", async () => {
    expect(await pass()).toMatchObject({ publishing: { kind: "published", jobs: 3 } });
    await goStale();
    for (const [slug, [from, to], seen] of [
      ["vm1", GOLD, 'another Pool than "GoldPool": Default'],
      ["vm2", SCRIPT, 'another Command than "/bin/true # } x"'],
      ["vm3", ["Job {\n", "Job {\n  Priority = 12\n"], 'another Priority than "12": 10'],
    ] as const) {
      await edit(slug, from, to);
      for (let time = 0; time < 2; time++) {
        const { publishing, vms } = await pass();
        expect(publishing).toMatchObject({ kind: "busy", reason: "JobsUnchanged" });
        expect(publishing).toMatchObject({
          detail: expect.stringContaining(time === 0 && slug === "vm1" ? seen : "job"),
        });
        expect(vms[Number(slug.slice(2)) - 1]).toBe("pending");
      }
    }
    await mountAgain();
    expect(await pass()).toEqual({
      publishing: { kind: "published", jobs: 3 },
      vms: ["published", "published", "published"],
    });
    const shown = await bed.console('show job="backup-dc1-os1-vm1"\nshow job="backup-dc1-os1-vm2"');
    expect(shown).toMatch(/--> Pool: name=GoldPool/);
    expect(shown).toContain("--> Command=/bin/true # } x");
  }, 120_000);

  it("is noticed by the Plugin lines of a changed policy, which are read back as they are written", async () => {
    const policy = { ...POLICY, plugin: { ...POLICY.plugin, options: "verbose=1" } };
    await goStale();
    expect((await pass(policy)).publishing).toMatchObject({ detail: expect.stringContaining("another Plugin than") });
    await mountAgain();
    showed = 0;
    expect((await pass(policy)).publishing).toEqual({ kind: "published", jobs: 3 });
    expect(showed).toBeGreaterThan(0);
  }, 120_000);

  it("hides no bad edit: it is not taken for good, and refused once the Director reads it", async () => {
    await goStale();
    await edit("vm1", 'Pool       = "GoldPool"', 'Pool       = "Default"');
    await edit("vm1", "Job {\n", 'Job {\n  Foo = "bar"\n');
    expect((await pass()).publishing).toMatchObject({ kind: "busy", reason: "JobsUnchanged" });
    await mountAgain();
    expect((await pass()).publishing.kind).toBe("refused");
    expect(await readFile(join(bed.baseDir, FOLDER, "published.conf"), "utf8")).not.toContain("Foo");
    const { vms } = await pass();
    expect(vms).toEqual(["rejected", "published", "published"]);
  }, 120_000);
});
