import { randomUUID } from "node:crypto";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PersonalChange } from "../../../src/domain/jobfile/personal-headers.ts";
import { sayForVm } from "../../../src/sync/say-for-vm.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const JOB = "datacenter1/openstack1/a/job";
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
  world.discovery = listed(vm(1, "a"), vm(2, "b"), vm(3, "same"), vm(4, "same"));
  await world.pass();
});
afterEach(async () => {
  await world.dispose();
});

function say(word: string, wish: PersonalChange, writes = true) {
  const { baseDir } = world;
  const clock = { now: () => world.nowMs };
  const place = { baseDir, directorBaseDir: baseDir, timeZone: "UTC", clock, newId: randomUUID };
  const volume = createVolume({ ...place, lockWaitMs: 200 });
  return sayForVm(word, wish, { clients: [POLICY], volume, writes }, new AbortController().signal);
}

describe("a person's words for one VM", () => {
  it("are the bytes that the operator writes for them", async () => {
    // Hand-written text around, as people do.
    const handMade = (await world.file(JOB)).replace("Job {", "# mine\n\nJob {\n  Priority = 12 # first");
    await writeFile(join(world.baseDir, JOB), handMade);
    world.personal = (headers) => (headers.vm === "a" ? { hold: "legal case 12" } : undefined);
    await world.pass();
    const byOperator = await world.file(JOB);
    await writeFile(join(world.baseDir, JOB), handMade);
    expect(await say("a", { hold: "legal case 12" })).toMatchObject({ kind: "said", news: true });
    expect(await world.file(JOB)).toBe(byOperator);
    expect(await say("backup-dc1-os1-a", { hold: null })).toMatchObject({ kind: "said", news: true });
    expect(await world.file(JOB)).toBe(handMade);
    expect(await say("a", { hold: null })).toMatchObject({ kind: "said", news: false });
  });

  it("need no reload, and hold", async () => {
    await say("a", { hold: "legal" });
    world.calls.length = 0;
    world.discovery = listed(vm(2, "b"), vm(3, "same"), vm(4, "same"));
    const policy = { ...POLICY, graceDays: 0.00001 };
    for (let pass = 0; pass < 3; pass++) {
      world.nowMs += 300_000;
      await world.pass(policy);
    }
    const [a] = passed(await world.pass(policy)).vms;
    expect(a?.job?.headers).toMatchObject({ status: "active", hold: "legal", missingSince: expect.any(Number) });
    expect(world.calls).not.toContain("reload");
  });

  it("are not written for several, for nobody, or when only asked for", async () => {
    const before = await world.files();
    const several = await say("same", { hold: "x" });
    expect(several.kind === "several" && several.vms.map(({ headers }) => headers.uuid)).toEqual([
      vm(3).uuid,
      vm(4).uuid,
    ]);
    expect(await say("nobody", { hold: "x" })).toEqual({ kind: "unknown", unreadable: [] });
    expect(await say("a", { hold: "x" }, false)).toMatchObject({ kind: "said", news: true });
    expect(await world.files()).toEqual(before);
  });

  it("are for the VM's own folder, not for a copy of it, and name what cannot be read", async () => {
    const folder = join(world.baseDir, "datacenter1/openstack1");
    await cp(join(folder, "a"), join(folder, "zz-copy"), { recursive: true });
    await writeFile(join(folder, "b/job"), "#@uuid: x\nJob {");
    expect(await say("a", { hold: "x" })).toMatchObject({ kind: "said", vm: { slug: "a" } });
    expect(await say("b", { hold: "x" })).toEqual({ kind: "unknown", unreadable: ["datacenter1/openstack1/b"] });
  });
});
