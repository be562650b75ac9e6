import { describe, expect, it } from "vitest";
import type { ClientPlan, PlanAction } from "./client-plan.ts";
import { planExitCode, planLines } from "./plan-text.ts";

const plan: ClientPlan = {
  client: "bacula-dc1-os1-fd",
  datacenter: "datacenter1",
  openstack: "openstack1",
  place: "clients.conf line 1",
  problems: [],
  actions: [],
  files: [],
  handEdits: [],
  publishes: false,
  vms: 1,
};
const disable: PlanAction = { vm: "a", uuid: "u", job: "backup-a", action: "Disable", reason: "absent", waits: false };
const warning = { level: "WARN", fails: false, message: "m" } as const;
const failure = { level: "ERROR", fails: true, message: "m" } as const;

describe("the exit code of a plan", () => {
  it.each<[string, Partial<ClientPlan>, boolean, number]>([
    ["nothing would change", {}, false, 0],
    ["a step would be taken", { actions: [disable] }, false, 3],
    ["a warning changes nothing", { problems: [warning] }, false, 0],
    ["what waits under HOLD is no change", { actions: [{ ...disable, waits: true }], problems: [warning] }, false, 0],
    ["something would be published", { publishes: true }, false, 3],
    ["what is published is no matter of one VM", { publishes: true }, true, 0],
    ["trouble goes before changes", { actions: [disable], problems: [failure] }, false, 1],
  ])("%s", (_case, change, isOneVm, expected) => {
    expect(planExitCode([plan, { ...plan, ...change }], isOneVm)).toBe(expected);
  });
});

describe("the text of a plan", () => {
  it("has a line for each step, then a summary", () => {
    const coming = [{ vm: "a", uuid: "u", job: "backup-a", step: "purge", at: "2027-01-01T00:00:00Z" }] as const;
    const actions = [disable, { ...disable, waits: true }];
    expect(planLines({ ...plan, actions, coming, publishes: true })).toEqual([
      "bacula-dc1-os1-fd: Disable backup-a (VM a, u): absent",
      "bacula-dc1-os1-fd: Disable backup-a (VM a, u): absent (waits)",
      "bacula-dc1-os1-fd: 2027-01-01T00:00:00Z purge backup-a (VM a, u), if nothing changes",
      "bacula-dc1-os1-fd: its VMs could not be seen; a sync would do: Disable 1, Disable waiting 1; files as they stand are not published yet: a sync would publish them; by then 0 would be disabled and 1 purged",
    ]);
  });
});
