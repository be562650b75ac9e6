import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clientStatus } from "../../../src/domain/status/client-status.ts";
import { clientFactsOf } from "../../../src/sync/client-facts-of.ts";
import type { PassReport } from "../../../src/sync/pass-report.ts";
import type { ConfigurationTest } from "../../../src/sync/ports.ts";
import { POLICY } from "../../support/policy.ts";
import { passed } from "../../support/sync/passed.ts";
import { listed, PlayedWorld, vm } from "../../support/sync/played-world.ts";

const FOLDER = "datacenter1/openstack1";
let world: PlayedWorld;
beforeEach(async () => {
  world = await PlayedWorld.create();
});
afterEach(async () => {
  await world.dispose();
});

const OTHER = { ...POLICY, openstack: "openstack2", client: "bacula-dc1-os2-fd", jobPrefix: "backup-dc1-os2-" };
const WITHOUT_A_PLACE = { kind: "broken", detail: "Could not open Catalog" } as const;
const reloads = () => world.calls.filter((call) => call === "reload").length;

describe("rule 7: with a command that tests the configuration", () => {
  const published = (openstack: string) => `${world.baseDir}/datacenter1/${openstack}/published.conf`;

  it("tests between the swap and the reload, once", async () => {
    world.discovery = listed(vm(1));
    const tested: string[] = [];
    world.test = (texts) => {
      tested.push(texts);
      return { kind: "sound" };
    };
    await world.pass();
    expect(tested).toEqual([expect.stringContaining("backup-dc1-os1-vm1")]);
    expect(world.calls.filter((call) => call === "test" || call === "reload")).toEqual(["test", "reload"]);
  });

  it("puts our own broken text back without a reload, rejects the folder that it names, and loads the others", async () => {
    world.discovery = listed(vm(1));
    await Promise.all([world.pass(), world.pass(OTHER)]);
    const good = await world.file("datacenter1/openstack2/published.conf");
    world.calls.length = 0;
    world.discovery = listed(vm(1), vm(2));
    world.test = (texts) =>
      texts.includes("backup-dc1-os2-vm2")
        ? { kind: "broken", detail: "Keyword Foo not permitted", file: published("openstack2"), line: 45 }
        : { kind: "sound" };
    const reports = await Promise.all([world.pass(), world.pass(OTHER)]);
    expect(reports.map((report) => passed(report).publishing)).toEqual([
      { kind: "published", jobs: 2 },
      { kind: "unchanged" },
    ]);
    expect(reports.map((report) => passed(report).vms.map(({ publishing }) => publishing))).toEqual([
      [{ kind: "published" }, { kind: "published" }],
      [
        { kind: "published" },
        {
          kind: "rejected",
          lastGoodPublished: false,
          reason: expect.stringMatching(/^the Director refuses it: Keyword Foo not permitted/),
        },
      ],
    ]);
    expect(await world.file("datacenter1/openstack2/published.conf")).toBe(good);
    expect(reloads()).toBe(1);

    world.calls.length = 0;
    expect(passed(await world.pass(OTHER)).vms[1]?.publishing.kind).toBe("rejected");
    expect(world.calls).not.toContain("test");
    // It costs nothing to test it again, and somebody may have mended what it lacked.
    world.nowMs += 3_600_000;
    world.test = () => ({ kind: "sound" });
    expect(passed(await world.pass(OTHER)).publishing).toEqual({ kind: "published", jobs: 2 });
  });

  it("finds the culprit by tests when no file is named", async () => {
    world.discovery = listed(vm(1));
    world.test = (texts) => (texts.includes("backup-dc1-os2-") ? WITHOUT_A_PLACE : { kind: "sound" });
    const reports = await Promise.all([world.pass(), world.pass(OTHER)]);
    expect(reports.map((report) => passed(report).publishing.kind)).toEqual(["published", "unchanged"]);
    expect(passed(reports[1]).vms[0]?.publishing.kind).toBe("rejected");
    expect(reloads()).toBe(1);
  });

  it.each<readonly [string, ConfigurationTest]>([
    ["in somebody else's file", { kind: "broken", detail: "No such Pool", file: "/etc/bacula/pools.conf", line: 3 }],
    ["that is there without our change, too", WITHOUT_A_PLACE],
  ])("an error %s blames nothing of ours, is said as such, and is tried again", async (_, broken) => {
    world.discovery = listed(vm(1));
    await world.pass();
    const before = await world.file(`${FOLDER}/published.conf`);
    world.calls.length = 0;
    world.discovery = listed(vm(1), vm(2));
    world.test = () => broken;
    for (let pass = 0; pass < 2; pass++) {
      const report = await world.pass();
      expect(passed(report).publishing).toEqual({ kind: "directorInvalid", detail: expect.any(String) });
      const { conditions } = clientStatus(clientFactsOf(report, { kind: "granted", warnings: [] }));
      expect(conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`)).toEqual(
        expect.arrayContaining([
          "DirectorConfigInvalid=True/ErrorOutsideOurFiles",
          "Published=False/ErrorOutsideOurFiles",
        ]),
      );
    }
    expect(await world.file(`${FOLDER}/published.conf`)).toBe(before);
    expect(world.calls).not.toContain("reload");

    world.test = () => ({ kind: "sound" });
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 2 });
  });

  it.each<readonly [string, ConfigurationTest, string]>([
    ["cannot tell a second time", { kind: "unknown", detail: "timed out" }, "failed"],
    ["contradicts the reload", { kind: "sound" }, "refused"],
  ])("loses at most one slot when the command %s", async (_, second, kind) => {
    world.discovery = listed(vm(1), vm(2), vm(3));
    world.refuses = () => true;
    let tests = 0;
    world.test = () => (++tests === 1 ? WITHOUT_A_PLACE : second);
    expect(passed(await world.pass()).publishing.kind).toBe(kind);
    expect(world.reloadSlots ?? 0).toBeLessThanOrEqual(1);
    expect(await world.file("include.conf")).not.toContain("published.conf");
  });

  it("reloads as without a command when the command cannot tell", async () => {
    world.discovery = listed(vm(1));
    world.test = () => ({ kind: "unknown", detail: "not found" });
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 1 });
  });

  it("a reload that a dead process owed is tested too, and what is put back is published again later", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.discovery = listed(vm(1), vm(2));
    world.reloadOutcome = { kind: "busy", reason: "TooManyReloads", detail: "Too many (32)" };
    await world.pass();
    world.reloadOutcome = undefined;
    world.restart();
    world.test = () => WITHOUT_A_PLACE;
    expect(passed(await world.pass()).publishing.kind).toBe("directorInvalid");
    expect(await world.file(`${FOLDER}/published.conf`)).not.toContain("backup-dc1-os1-vm2");
    world.test = () => ({ kind: "sound" });
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 2 });
  });
});

describe("rule 7: reload slots", () => {
  const REFUSED = { kind: "refused", detail: "Please correct configuration file" } as const;
  /** Each pass has a new VM that only the Director refuses. */
  async function publishAnew(times: number): Promise<readonly PassReport[]> {
    const reports: PassReport[] = [];
    world.refuses = (texts) => texts.includes("-new");
    for (let time = 0; time < times; time++) {
      const fresh = Array.from({ length: time + 1 }, (_, index) => vm(100 + index, `new${index}`));
      world.discovery = listed(vm(1), ...fresh);
      reports.push(await world.pass());
      world.restart();
    }
    return reports;
  }

  it("are left to the administrator: 40 refused publishes in a row use 24 of 32", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    const good = await world.file(`${FOLDER}/published.conf`);
    world.calls.length = 0;
    const reports = await publishAnew(40);
    const last = passed(reports.at(-1));
    // 24 refused ones; and before each blame what is in force is asked for, which the Director takes.
    expect(reloads()).toBe(24 + 23);
    expect(world.reloadSlots).toBe(24);
    expect(last.vms.filter(({ publishing }) => publishing.kind === "rejected")).toHaveLength(23);
    expect(last.publishing).toMatchObject({ kind: "busy", reason: "OutOfReloadSlots" });
    expect(last.publishing).toMatchObject({ detail: expect.stringContaining("Restart the Director") });
    expect(await world.file(`${FOLDER}/published.conf`)).toBe(good);

    world.refuses = () => false;
    await world.pass();
    expect(reloads()).toBe(47);
    world.startTime = { kind: "answered", value: "24-Nov-26 13:01" };
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 41 });
    expect(world.reloadSlots).toBe(0);
  }, 60_000);

  it("are hardly used while somebody else's file is broken: 40 publishes in a row use 2", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.calls.length = 0;
    world.reloadOutcome = REFUSED;
    const kinds = (await publishAnew(40)).map((report) => passed(report).publishing.kind);
    expect(new Set(kinds)).toEqual(new Set(["directorInvalid"]));
    expect(reloads()).toBe(2);
  }, 60_000);

  it("are used two in 30 minutes while somebody else's file stays broken, and no trial of those for our own", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.discovery = listed(vm(1), vm(2));
    world.reloadOutcome = REFUSED;
    for (let minute = 0; minute < 180; minute += 5) {
      expect(passed(await world.pass()).publishing.kind).toBe("directorInvalid");
      world.nowMs += 5 * 60_000;
    }
    expect(world.reloadSlots).toBe(2 * 6);
    const state: unknown = JSON.parse(await world.file(".bacula-openstack-sync/reload-slots.json"));
    expect(state).toMatchObject({ trials: 0 });
    world.reloadOutcome = undefined;
    world.nowMs += 30 * 60_000;
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 2 });
  }, 60_000);

  it("are not waited for once somebody had the Director take a configuration: it is mended", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.discovery = listed(vm(1), vm(2));
    world.reloadOutcome = REFUSED;
    await world.pass();
    world.reloadOutcome = undefined;
    expect(passed(await world.pass()).publishing.kind).toBe("directorInvalid");
    world.lastConfigured = "24-Nov-2026 12:07:31";
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 2 });
  });

  it("a fault of what is in force, as when a Schedule was renamed, is mended by what we publish next", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.refuses = (texts) => texts.includes('Pool       = "Default"');
    expect(passed(await world.pass({ ...POLICY, messages: "" })).publishing.kind).toBe("directorInvalid");
    world.nowMs += 30 * 60_000;
    const moved = await world.pass({ ...POLICY, messages: "", pool: "Silver" });
    expect(passed(moved).publishing).toEqual({ kind: "published", jobs: 1 });
  });

  it("are counted for a console that was cut off, and not for a Director that was not reached", async () => {
    world.discovery = listed(vm(1));
    world.reloadOutcome = { kind: "unknown", reason: "DirectorUnreachable", detail: "" };
    await world.pass();
    expect(world.reloadSlots).toBe(0);
    world.reloadOutcome = { kind: "unknown", reason: "TimedOut", detail: "" };
    await world.pass();
    expect(world.reloadSlots).toBe(1);
  });

  it("stay counted while the Director's start cannot be read", async () => {
    world.startTime = { kind: "unknown", reason: "NotAuthorized", detail: "add it to its CommandACL" };
    const [report] = (await publishAnew(30)).slice(-1);
    expect(world.reloadSlots).toBe(24);
    expect(passed(report).publishing).toMatchObject({ detail: expect.stringContaining("CommandACL") });
  }, 60_000);

  it("that the Director says are gone put the untested text back", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    const good = await world.file(`${FOLDER}/published.conf`);
    world.discovery = listed(vm(1), vm(2));
    world.reloadOutcome = { kind: "busy", reason: "OutOfReloadSlots", detail: "Out of reload table entries" };
    expect(passed(await world.pass()).publishing.kind).toBe("busy");
    expect(await world.file(`${FOLDER}/published.conf`)).toBe(good);
    expect(world.reloadSlots).toBe(32);
  });

  it("cost no question to the Director while none is lost", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    expect(world.calls).not.toContain("startTime");
  });

  it("a reload that a dead process owed and the Director refuses: its text is published again later", async () => {
    world.discovery = listed(vm(1));
    await world.pass();
    world.discovery = listed(vm(1), vm(2));
    world.reloadOutcome = { kind: "busy", reason: "TooManyReloads", detail: "Too many (32)" };
    await world.pass();
    world.restart();
    world.reloadOutcome = REFUSED;
    expect(passed(await world.pass()).publishing.kind).toBe("refused");
    world.reloadOutcome = undefined;
    expect(passed(await world.pass()).publishing).toEqual({ kind: "published", jobs: 2 });
  });
});

describe("rule 7: reload slots that running jobs pin", () => {
  const running = (...jobIds: readonly number[]) => {
    world.currentJobs = { kind: "answered", value: new Set(jobIds) };
  };
  /** Each pass has a new VM; a process of its own each. */
  async function publishMore(times: number) {
    const kinds: string[] = [];
    for (let time = 0; time < times; time++) {
      const number = (world.discovery.kind === "listed" ? world.discovery.vms.length : 0) + 1;
      world.discovery = listed(...Array.from({ length: number }, (_, at) => vm(at)));
      kinds.push(passed(await world.pass()).publishing.kind);
      world.restart();
    }
    return kinds;
  }

  it("are taken by at most 12 reloads while one job runs, also when others begin and end", async () => {
    for (let time = 0; time < 12; time++) {
      running(7, 100 + time);
      expect(await publishMore(1)).toEqual(["published"]);
    }
    expect(world.pinnedSlots).toBe(12);
    const good = await world.file(`${FOLDER}/published.conf`);
    expect(await publishMore(2)).toEqual(["busy", "busy"]);
    expect(reloads()).toBe(12);
    expect(await world.file(`${FOLDER}/published.conf`)).toBe(good);
    const report = await world.pass();
    expect(passed(report).publishing).toMatchObject({
      reason: "SlotsPinnedByJobs",
      detail: expect.stringContaining("12 reloads were made while JobId 7 runs"),
    });
    const { conditions } = clientStatus(clientFactsOf(report, { kind: "granted", warnings: [] }));
    expect(conditions.find(({ type }) => type === "Published")).toMatchObject({ reason: "DirectorBusy" });

    running(113);
    expect(await publishMore(1)).toEqual(["published"]);
    expect(world.pinnedSlots).toBe(1);
  });

  it("are not counted while nothing runs, nor for a reload that was refused", async () => {
    expect(await publishMore(14)).not.toContain("busy");
    running(7);
    world.refuses = () => true;
    await publishMore(2);
    expect(world.pinnedSlots).toBe(0);
  });

  it("are not counted, and stop nothing, when the Console may not see what runs", async () => {
    world.currentJobs = { kind: "unknown", reason: "NotAuthorized", detail: "" };
    expect(new Set(await publishMore(14))).toEqual(new Set(["published"]));
  });
});
