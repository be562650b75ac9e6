import { describe, expect, it } from "vitest";
import { assignSlugs, type NewVm, type SlugRequest } from "./assign-slugs.ts";

const identity = { datacenter: "dc1", openstack: "os1", client: "dc1-os1-fd", jobPrefix: "backup-dc1-os1-" };
const A = "aaaaaaaa-1111-4111-8111-111111111111";
const B = "bbbbbbbb-2222-4222-8222-222222222222";

function assign(newVms: readonly NewVm[], rest: Partial<SlugRequest> = {}): Record<string, string> {
  return Object.fromEntries(assignSlugs({ identity, newVms, takenSlugs: [], takenNames: [], ...rest }));
}

describe("a slug that a uuid had before its folder was lost", () => {
  it("stays its own, although the Director still has its names: another name would cut off the history", () => {
    const takenNames = ["backup-dc1-os1-web01", "fs-dc1-os1-web01"];
    expect(assign([{ uuid: B, name: "web01", formerSlug: "web01" }], { takenNames })).toEqual({ [B]: "web01" });
  });

  it("stays its own after a rename", () => {
    expect(assign([{ uuid: B, name: "renamed", formerSlug: "web01" }])).toEqual({ [B]: "web01" });
  });

  it("goes before the name of a new VM with a lower uuid", () => {
    const newVms = [
      { uuid: A, name: "web01" },
      { uuid: B, name: "web01", formerSlug: "web01" },
    ];
    expect(assign(newVms)).toEqual({ [A]: "web01-aaaaaaaa", [B]: "web01" });
  });

  it("is lost when a folder has it now, compared without case", () => {
    const vm = { uuid: B, name: "web01", formerSlug: "web01" };
    expect(assign([vm], { takenSlugs: ["WEB01"] })).toEqual({ [B]: "web01-bbbbbbbb" });
  });

  it("is given once when two VMs claim it", () => {
    const newVms = [B, A].map((uuid) => ({ uuid, name: "x", formerSlug: "web01" }));
    expect(assign(newVms)).toEqual({ [A]: "web01", [B]: "x" });
  });
});
