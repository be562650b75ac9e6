import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const FOLDER = "datacenter1/openstack1";
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
  world.discovery = listed(vm(1), vm(2));
  world.leavesReload = true;
  world.restart();
});
afterEach(() => world.dispose());

/** Each run of the command line is a process that knows nothing of the one before. */
async function run() {
  world.restart();
  world.calls.length = 0;
  return passed(await world.pass());
}
const published = () => world.file(`${FOLDER}/published.conf`);
function reloadByHand(): void {
  world.loadedJobs = new Set(["backup-dc1-os1-vm1", "backup-dc1-os1-vm2"]);
  world.lastConfigured = "24-Nov-2026 13:00:00";
}

describe("RELOAD_AFTER_SYNC=0", () => {
  it("puts the files in place and leaves the reload to somebody else", async () => {
    const first = await run();
    expect(world.calls).not.toContain("reload");
    expect(first.publishing).toMatchObject({ kind: "reloadLeft" });
    expect(first.vms.map(({ publishing }) => publishing.kind)).toEqual(["pending", "pending"]);
    expect(await published()).toContain("backup-dc1-os1-vm2");
    expect(await world.file("include.conf")).toContain("published.conf");
  });

  it("says so in every run until the Director has taken a configuration, and then no more", async () => {
    await run();
    expect((await run()).publishing.kind).toBe("reloadLeft");
    reloadByHand();
    const after = await run();
    expect(after.publishing).toEqual({ kind: "published", jobs: 2 });
    expect(after.vms.map(({ publishing }) => publishing.kind)).toEqual(["published", "published"]);
    expect((await run()).publishing.kind).toBe("unchanged");
    expect(world.calls).not.toContain("reload");
  });

  it("does not take an older reload for one of what is new since", async () => {
    await run();
    reloadByHand();
    world.discovery = listed(vm(1), vm(2), vm(3));
    expect((await run()).publishing.kind).toBe("reloadLeft");
    expect((await run()).publishing.kind).toBe("reloadLeft");
  });

  it("is made up for by the first run that reloads", async () => {
    await run();
    world.leavesReload = false;
    expect((await run()).publishing).toEqual({ kind: "published", jobs: 2 });
    expect(world.calls.filter((call) => call === "reload")).toHaveLength(1);
  });

  it.each([[[1]], [[5]], [[1, 2]], [[1, 5]], [[4, 5]]])(
    "puts all in place but what DIRECTOR_TEST_COMMAND refuses: VMs %j",
    async (wrong) => {
      const all = [1, 2, 3, 4, 5];
      world.discovery = listed(...all.map((number) => vm(number)));
      const job = (number: number) => `backup-dc1-os1-vm${number}`;
      world.test = (text) =>
        wrong.some((number) => text.includes(job(number))) ? { kind: "broken", detail: "wrong" } : { kind: "sound" };
      const first = await run();
      expect(first.publishing.kind).toBe("reloadLeft");
      expect(first.vms.map(({ publishing }) => publishing.kind)).toEqual(
        all.map((number) => (wrong.includes(number) ? "rejected" : "pending")),
      );
      const text = await published();
      expect(all.filter((number) => !text.includes(job(number)))).toEqual(wrong);
      expect(world.calls).not.toContain("reload");
      expect((await run()).publishing.kind).toBe("reloadLeft");
      expect(await published()).toBe(text);
    },
  );

  it("has what is sound in place also when the last text that was tested is refused", async () => {
    const all = [1, 2, 3, 4, 5];
    world.discovery = listed(...all.map((number) => vm(number)));
    const job = (number: number) => `backup-dc1-os1-vm${number}`;
    // Both together are not told apart; one alone is named, which ends the search without another test.
    world.test = (text) => {
      const [first, ...more] = [4, 5].map(job).filter((name) => text.includes(name));
      if (first === undefined) return { kind: "sound" };
      return { kind: "broken", detail: more.length > 0 ? "wrong" : `Job "${first}" is wrong` };
    };
    const first = await run();
    expect(first.vms.map(({ publishing }) => publishing.kind)).toEqual([
      "pending",
      "pending",
      "pending",
      "rejected",
      "rejected",
    ]);
    const text = await published();
    expect(all.filter((number) => text.includes(job(number)))).toEqual([1, 2, 3]);
  });
});
