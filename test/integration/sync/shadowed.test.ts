import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { projectVms } from "../../../src/controllers/managed-vm/project-vms.ts";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

it("section 3: an adopted file whose lines go before those of the tag's JobDefs says so, and stays", async () => {
  const path = join(world.baseDir, "datacenter1/openstack1/vm1/job");
  world.discovery = listed(vm(1), vm(2, "vm2", { jobDefsTag: "Gold" }));
  await world.pass();
  const adopted = (await readFile(path, "utf8")).replace('"DefaultJob"', '"Gold"');
  await writeFile(path, adopted);
  await rm(join(world.baseDir, ".bacula-openstack-sync"), { recursive: true });
  world.restart();
  world.discovery = listed(vm(1, "vm1", { jobDefsTag: "Gold" }), vm(2, "vm2", { jobDefsTag: "Gold" }));
  const told = async () => {
    const { vms } = passed(await world.pass());
    const context = { policy: POLICY, history: new Map(), before: () => undefined, now: world.nowMs };
    return [...projectVms(vms, context)].map(({ status }) => {
      const accepted = status.conditions.find(({ type }) => type === "PolicyAccepted");
      return `${accepted?.reason}: ${accepted?.message}`;
    });
  };
  const shadowed = expect.stringMatching(/^Shadowed: .* JobDefs Gold: pool, schedule\. Remove them/);
  // By the pass that adopts it, and by one in which nothing changes and the Director's lists are not asked.
  for (let pass = 0; pass < 2; pass++) expect(await told()).toEqual([shadowed, expect.stringMatching(/^Accepted:/)]);
  expect(await readFile(path, "utf8")).toBe(adopted);
  await writeFile(path, adopted.replace(/^ *(Pool|Schedule) .*\n/gm, ""));
  expect((await told())[0]).toMatch(/^Accepted:/);
});
