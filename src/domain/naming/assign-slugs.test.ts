import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignSlugs, type SlugRequest } from "./assign-slugs.ts";
import { fileSetName, jobName } from "./resource-names.ts";

const identity = { datacenter: "dc1", openstack: "os1", client: "c-fd", jobPrefix: "backup-dc1-os1-" };
/** Characters of a Job's or FileSet's name that Bacula keeps. */
const MAX_RESOURCE_NAME = 104;
const A = "0a000000-0000-4000-8000-000000000000";
const B = "0b000000-0000-4000-8000-000000000000";

function assign(newVms: SlugRequest["newVms"], taken: Partial<SlugRequest> = {}): ReadonlyMap<string, string> {
  return assignSlugs({ identity, takenSlugs: [], takenNames: [], ...taken, newVms });
}

describe("the slug of a new VM", () => {
  it.each<[string, string, Partial<SlugRequest>, string]>([
    ["its name", "web01", {}, "web01"],
    ["with 8 of the uuid when the name was changed", "web 01", {}, "web_01-0a000000"],
    ["with 8 of the uuid when the name was cut", "x".repeat(100), {}, `${"x".repeat(80)}-0a000000`],
    ["as long as the names allow", "x".repeat(89), {}, "x".repeat(89)],
    ["when a folder has it", "web01", { takenSlugs: ["web01"] }, "web01-0a000000"],
    ["compared without case", "Web01", { takenSlugs: ["wEB01"] }, "Web01-0a000000"],
    ["when the Director has its job", "web01", { takenNames: ["Backup-DC1-os1-web01"] }, "web01-0a000000"],
    ["when the Director has its fileset", "web01", { takenNames: ["fs-dc1-os1-WEB01"] }, "web01-0a000000"],
    ["when both are taken", "web01", { takenSlugs: ["web01", "web01-0A000000"] }, "web01-0a000000-0000"],
    ["of a reserved name", "published.conf", {}, "_published.conf-0a000000"],
    ["without a name", "", {}, "_-0a000000"],
  ])("%s", (_what, name, taken, slug) => {
    expect(assign([{ uuid: A, name }], taken)).toStrictEqual(new Map([[A, slug]]));
  });

  it("is plain for the lowest uuid of several with one name", () => {
    const expected = new Map([
      [A, "web"],
      [B, "WEB-0b000000"],
    ]);
    expect(
      assign([
        { uuid: A, name: "web" },
        { uuid: B, name: "WEB" },
      ]),
    ).toStrictEqual(expected);
    expect(
      assign([
        { uuid: B, name: "WEB" },
        { uuid: A, name: "web" },
      ]),
    ).toStrictEqual(expected);
  });

  it("is one for a uuid that stands twice in an answer, whatever the order", () => {
    const twice = [
      { uuid: A, name: "y" },
      { uuid: A, name: "x" },
    ];
    expect(assign(twice)).toStrictEqual(new Map([[A, "x"]]));
    expect(assign(twice.toReversed())).toStrictEqual(new Map([[A, "x"]]));
  });

  it("takes more of the uuid for VMs whose uuids begin alike", () => {
    const [one, two] = ["0a000000-1111-4000-8000-000000000000", "0a000000-2222-4000-8000-000000000000"];
    const vms = [
      { uuid: one, name: "a b" },
      { uuid: two, name: "a b" },
    ];
    expect(assign(vms)).toStrictEqual(
      new Map([
        [one, "a_b-0a000000"],
        [two, "a_b-0a000000-2222"],
      ]),
    );
  });

  it("is none when even the whole uuid is taken", () => {
    const lengths = [8, 13, 18, 23, 36];
    const takenSlugs = ["w", ...lengths.map((length) => `w-${A.slice(0, length)}`)];
    expect(assign([{ uuid: A, name: "w" }], { takenSlugs })).toStrictEqual(new Map());
  });
});

describe("names of clients that leave too little room", () => {
  const prefixed = (room: number) => ({ ...identity, jobPrefix: "p".repeat(MAX_RESOURCE_NAME - room) });
  it.each([
    ["none at all", 0, "web", undefined],
    ["less than none", -50, "web", undefined],
    ["enough for the name", 3, "web", "web"],
    ["not for the name and a part of the uuid", 2, "web", undefined],
    ["for a part of the uuid alone", 8, "a changed name", "0a000000"],
    ["for one letter and a part of the uuid", 10, "a changed name", "a-0a000000"],
  ])("give no slug that breaks the limit: %s", (_what, room, name, slug) => {
    const got = assignSlugs({ identity: prefixed(room), newVms: [{ uuid: A, name }], takenSlugs: [], takenNames: [] });
    expect(got.get(A)).toBe(slug);
  });
});

describe("any VMs, folders and Director", () => {
  const hex = fc.constantFrom("0", "a", "f");
  const uuid = fc
    .array(hex, { minLength: 4, maxLength: 4 })
    .map(([a, b, c, d]) => `${a}${a}${a}${a}${b}${b}${b}${b}-${c}${c}${c}${c}-4000-8000-00000000000${d}`);
  const name = fc.oneof(
    fc.constantFrom("web", "WEB", "web 1", "web_1", "aaaa0000", "web-aaaa0000", "jobs.tsv", ".", ""),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.integer({ min: 70, max: 120 }).map((length) => "x".repeat(length)),
  );
  const vms = fc.uniqueArray(fc.record({ uuid, name }), { selector: (vm) => vm.uuid, maxLength: 20 });
  const identities = fc.record({
    datacenter: fc.constantFrom("dc1", "d".repeat(30)),
    openstack: fc.constantFrom("os1", "o".repeat(30)),
    client: fc.constant("c-fd"),
    jobPrefix: fc.oneof(
      fc.constantFrom("", "b-"),
      fc.integer({ min: 0, max: 130 }).map((length) => "p".repeat(length)),
    ),
  });
  const taken = fc.array(fc.constantFrom("web", "Web-aaaa0000", "web_1-00000000", "aaaa0000"), { maxLength: 4 });

  it("give distinct, legal slugs that do not depend on the order of the answer", () => {
    fc.assert(
      fc.property(identities, vms, taken, taken, (client, newVms, takenSlugs, directorSlugs) => {
        const takenNames = directorSlugs.flatMap((slug) => [jobName(client, slug), fileSetName(client, slug)]);
        const request = { identity: client, newVms, takenSlugs, takenNames };
        const slugs = assignSlugs(request);
        expect(assignSlugs({ ...request, newVms: newVms.toReversed() })).toStrictEqual(slugs);

        const all = [...slugs.values(), ...new Set(takenSlugs), ...new Set(directorSlugs)].map((slug) =>
          slug.toLowerCase(),
        );
        const before = new Set([...takenSlugs, ...directorSlugs].map((slug) => slug.toLowerCase()));
        expect(new Set(all).size).toBe(slugs.size + before.size);
        for (const slug of slugs.values()) {
          expect(slug).toMatch(/^[A-Za-z0-9:_][A-Za-z0-9:._-]*$/);
          expect(["published.conf", "jobs.tsv"]).not.toContain(slug.toLowerCase());
          expect(jobName(client, slug).length).toBeLessThanOrEqual(MAX_RESOURCE_NAME);
          expect(fileSetName(client, slug).length).toBeLessThanOrEqual(MAX_RESOURCE_NAME);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("give every VM a slug with the longest names that are allowed", () => {
    const client = { datacenter: "d".repeat(30), openstack: "o".repeat(30), client: "c", jobPrefix: "p".repeat(60) };
    fc.assert(
      fc.property(vms, taken, (newVms, takenSlugs) => {
        expect(assignSlugs({ identity: client, newVms, takenSlugs, takenNames: [] }).size).toBe(newVms.length);
      }),
    );
  });

  it("keep a slug once given: it is a folder's in the next pass", () => {
    fc.assert(
      fc.property(vms, vms, (first, later) => {
        const given = assign(first);
        const newVms = later.filter((vm) => !given.has(vm.uuid));
        const next = assign(newVms, { takenSlugs: given.values() });
        const both = [...given.values(), ...next.values()].map((slug) => slug.toLowerCase());
        expect(new Set(both).size).toBe(given.size + newVms.length);
      }),
    );
  });
});
