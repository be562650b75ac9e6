import { describe, expect, it } from "vitest";
import { apiVersionOf, collectionPath, objectKey, objectPath, refOfKey } from "./resource.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps", namespaced: true };
const things = { group: "example.com", version: "v1alpha1", plural: "things", namespaced: false };

describe("paths", () => {
  it.each([
    [collectionPath(configMaps), "/api/v1/configmaps"],
    [collectionPath(configMaps, "ns"), "/api/v1/namespaces/ns/configmaps"],
    [collectionPath(things), "/apis/example.com/v1alpha1/things"],
    [objectPath(configMaps, { namespace: "ns", name: "a" }), "/api/v1/namespaces/ns/configmaps/a"],
    [objectPath(things, { name: "a" }, "status"), "/apis/example.com/v1alpha1/things/a/status"],
    [objectPath(things, { name: "../b?c" }), "/apis/example.com/v1alpha1/things/..%2Fb%3Fc"],
  ])("%s", (path, wanted) => {
    expect(path).toBe(wanted);
  });

  it.each([
    [configMaps, { name: "a" }],
    [things, { namespace: "ns", name: "a" }],
    [things, { name: "" }],
  ])("do not exist for the wrong scope: %j %j", (resource, ref) => {
    expect(() => objectPath(resource, ref)).toThrow(TypeError);
  });

  it("know their version", () => {
    expect([apiVersionOf(configMaps), apiVersionOf(things)]).toEqual(["v1", "example.com/v1alpha1"]);
  });
});

describe("keys", () => {
  it.each([{ name: "a" }, { namespace: "ns", name: "a.b" }])("%j and back", (ref) => {
    expect(refOfKey(objectKey(ref))).toEqual(ref);
  });
});
