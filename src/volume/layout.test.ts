import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFolderName, layoutOf } from "./layout.ts";
import { VolumeError } from "./volume-error.ts";

const layout = layoutOf("/base", "/director");

describe("paths below BASE_DIR", () => {
  it("are those of the contract", () => {
    const client = { datacenter: "dc1", openstack: "os1" };
    expect(layout.vmDir(client, "web")).toBe("/base/dc1/os1/web");
    expect(layout.publishedFile(client)).toBe("/base/dc1/os1/published.conf");
    expect(layout.directorPathOf(client)).toBe("/director/dc1/os1/published.conf");
    expect(layout.includeFile).toBe("/base/include.conf");
    expect(layout.lockFile).toBe("/base/.bacula-openstack-sync/lock");
  });

  it.each([
    "",
    ".",
    "..",
    "a/b",
    "/",
    "a\nb",
    "a\u0000b",
    "a\u0085b",
    ".hidden",
    ".bacula-openstack-sync",
    "x".repeat(256),
  ])("refuse %j as a component", (name) => {
    expect(isFolderName(name)).toBe(false);
    expect(() => layout.vmDir({ datacenter: "dc1", openstack: "os1" }, name)).toThrow(VolumeError);
    expect(() => layout.clientDir({ datacenter: name, openstack: "os1" })).toThrow(VolumeError);
    expect(() => layout.directorPathOf({ datacenter: "dc1", openstack: name })).toThrow(VolumeError);
  });

  it.each([
    ["/director/dc1/os1/published.conf", { kind: "published", datacenter: "dc1", openstack: "os1" }],
    ["/director/./dc1//os1/published.conf", { kind: "published", datacenter: "dc1", openstack: "os1" }],
    ["/director/include.conf", { kind: "include" }],
    ["/base/dc1/os1/published.conf", undefined],
    ["/director/dc1/os1/web/job", undefined],
    ["/director/dc1/published.conf", undefined],
    ["/director/../dc1/published.conf", undefined],
    ["/director/dc1/include.conf", undefined],
    ["/etc/bacula/include.conf", undefined],
    ["/director", undefined],
    ["", undefined],
  ])("are known again when the Director names %j", (path, expected) => {
    expect(layout.publishedAt(path)).toEqual(expected);
  });

  it("refuse the published file's name as a slug", () => {
    expect(() => layout.vmDir({ datacenter: "dc1", openstack: "os1" }, "published.conf")).toThrow(VolumeError);
  });

  it("never leave BASE_DIR, whatever the names are", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (datacenter, openstack, slug) => {
        const names = [datacenter, openstack, slug];
        fc.pre(names.every(isFolderName) && slug !== "published.conf");
        expect(layout.vmDir({ datacenter, openstack }, slug)).toBe(`/base/${names.join("/")}`);
      }),
    );
  });
});
