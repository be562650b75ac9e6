import { describe, expect, it } from "vitest";
import { ScriptedTransport } from "../../test/support/kubernetes/scripted-transport.ts";
import { ResourceClient } from "./apply.ts";

const things = { group: "example.com", version: "v1", plural: "things", namespaced: true };
const signal = new AbortController().signal;
const manifest = { apiVersion: "example.com/v1", kind: "Thing", metadata: { namespace: "ns", name: "a" }, spec: {} };
const one = "/apis/example.com/v1/namespaces/ns/things/a";
const own = { fieldManager: "me", signal };

describe("calls on a resource", () => {
  it.each([
    ["get", (c: ResourceClient) => c.get({ namespace: "ns", name: "a" }, signal), { method: "GET", path: one, signal }],
    [
      "create",
      (c: ResourceClient) => c.create(manifest, own),
      {
        method: "POST",
        path: "/apis/example.com/v1/namespaces/ns/things",
        query: { fieldManager: "me" },
        body: manifest,
        signal,
      },
    ],
    [
      "apply",
      (c: ResourceClient) => c.apply(manifest, own),
      {
        method: "PATCH",
        path: one,
        query: { fieldManager: "me", force: true },
        contentType: "application/apply-patch+yaml",
        body: manifest,
        signal,
      },
    ],
    [
      "applyStatus",
      (c: ResourceClient) => c.applyStatus(manifest, own),
      {
        method: "PATCH",
        path: `${one}/status`,
        query: { fieldManager: "me", force: true },
        contentType: "application/apply-patch+yaml",
        body: manifest,
        signal,
      },
    ],
    [
      "mergePatch",
      (c: ResourceClient) => c.mergePatch({ namespace: "ns", name: "a" }, { spec: { x: null } }, own),
      {
        method: "PATCH",
        path: one,
        query: { fieldManager: "me" },
        contentType: "application/merge-patch+json",
        body: { spec: { x: null } },
        signal,
      },
    ],
    [
      "delete",
      (c: ResourceClient) => c.delete({ namespace: "ns", name: "a" }, { uid: "u", resourceVersion: "5" }, signal),
      {
        method: "DELETE",
        path: one,
        body: {
          apiVersion: "v1",
          kind: "DeleteOptions",
          preconditions: { uid: "u", resourceVersion: "5" },
          propagationPolicy: "Background",
        },
        signal,
      },
    ],
  ])("%s", async (_, call, request) => {
    const transport = new ScriptedTransport(() => "answer");
    expect(await call(new ResourceClient(transport, things))).toBe("answer");
    expect(transport.requests).toEqual([request]);
  });
});
