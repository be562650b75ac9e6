import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const JOB = "datacenter1/openstack1/vm1/job";
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
  world.discovery = listed(vm(1), vm(2));
  passed(await world.pass());
});
afterEach(() => world.dispose());

async function editByHand(edit: (text: string) => string): Promise<string> {
  const text = edit(await world.file(JOB));
  await writeFile(join(world.baseDir, JOB), text);
  world.nowMs += 300_000;
  return text;
}

describe("sync --apply-policy", () => {
  it("edits what a person wrote, where nothing else would, and only what policy speaks of", async () => {
    const edited = await editByHand((text) =>
      text.replace('"Default"', '"Silver"').replace("  Enabled ", "  Priority   = 5 # mine\n  Enabled "),
    );
    passed(await world.pass());
    expect(await world.file(JOB)).toBe(edited);

    world.appliesPolicy = true;
    passed(await world.pass());
    expect(await world.file(JOB)).toBe(edited.replace('"Silver"', '"Default"'));
  });

  it("is a word for one pass: a later hand edit stays again", async () => {
    world.appliesPolicy = true;
    passed(await world.pass());
    world.appliesPolicy = false;
    const edited = await editByHand((text) => text.replace('"Default"', '"Silver"'));
    passed(await world.pass());
    expect(await world.file(JOB)).toBe(edited);
  });

  it("keeps a person's JobDefs of the header, their pause, and the files of a VM that is suspended", async () => {
    const edited = await editByHand((text) =>
      text
        .replace("#@status:", "#@jobdefs:       Gold\n#@status:")
        .replace('"DefaultJob"', '"Gold"')
        .replace("= yes", "= no"),
    );
    world.appliesPolicy = true;
    passed(await world.pass());
    // Gold has a Pool and a Schedule of its own, which the policy of such a job leaves to it.
    expect(await world.file(JOB)).toBe(edited.replace(/ {2}(Pool|Schedule) .*\n/g, ""));
    const suspended = await editByHand((text) =>
      text.replace("#@status:", "#@suspend:       mine\n#@status:").replace('"File1"', '"Other"'),
    );
    world.resources = { ...world.resources, storages: new Set(["File1", "Other"]) };
    passed(await world.pass());
    expect(await world.file(JOB)).toBe(suspended);
  });

  it("does nothing for a front end whose policy is not in force", async () => {
    const edited = await editByHand((text) => text.replace('"Default"', '"Silver"'));
    Object.assign(world, { frontEnd: "command line /etc/clients.conf", appliesPolicy: true });
    passed(await world.pass({ ...POLICY, pool: "GoldPool" }));
    expect(await world.file(JOB)).toBe(edited);
  });
});
