import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KubeApiError } from "../http/api-error.ts";
import { parseWatchEvent } from "./watch-event.ts";

const parse = (event: unknown) => parseWatchEvent(Buffer.from(JSON.stringify(event)), "WATCH /x", 0);
const object = { metadata: { name: "a", resourceVersion: "5" } };

describe("a line of a watch", () => {
  it.each([
    { event: { type: "ADDED", object }, read: { kind: "present", raw: object } },
    { event: { type: "MODIFIED", object }, read: { kind: "present", raw: object } },
    { event: { type: "DELETED", object }, read: { kind: "deleted", raw: object } },
    { event: { type: "BOOKMARK", object }, read: { kind: "bookmark", resourceVersion: "5", endsInitial: false } },
    {
      event: {
        type: "BOOKMARK",
        object: { metadata: { resourceVersion: "5", annotations: { "k8s.io/initial-events-end": "true" } } },
      },
      read: { kind: "bookmark", resourceVersion: "5", endsInitial: true },
    },
  ])("$event.type is $read.kind", ({ event, read }) => {
    expect(parse(event)).toEqual(read);
  });

  it("ERROR carries the server's reason", () => {
    const status = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
    expect(parse({ type: "ERROR", object: status })).toMatchObject({ kind: "failed", error: { code: "Expired" } });
    expect(parse({ type: "ERROR", object: {} })).toMatchObject({ kind: "failed", error: { code: "ServerError" } });
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    '"ADDED"',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":7}',
    '{"type":"NEW","object":{}}',
    '{"type":"BOOKMARK","object":{}}',
  ])("%j is an error, never passed over", (line) => {
    expect(() => parseWatchEvent(Buffer.from(line), "WATCH /x", 0)).toThrow(
      expect.objectContaining({ code: "UnexpectedAnswer" }),
    );
  });

  it("throws nothing but KubeApiError, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
        let thrown: unknown;
        try {
          parseWatchEvent(Buffer.from(line), "WATCH /x", 0);
        } catch (error) {
          thrown = error;
        }
        expect(thrown === undefined || thrown instanceof KubeApiError).toBe(true);
      }),
    );
  });
});
