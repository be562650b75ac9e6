import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../test/support/kubernetes/fake-timing.ts";
import { ScriptedTransport } from "../../test/support/kubernetes/scripted-transport.ts";
import { ResourceClient } from "./apply.ts";
import { KubeApiError } from "./http/api-error.ts";
import type { ApiRequest } from "./http/api-transport.ts";
import { type StatusRequest, StatusWriter } from "./status-writer.ts";

const things = { group: "example.com", version: "v1", plural: "things", namespaced: true };
const forever = new AbortController().signal;

/** A server that takes every status, and answers only when `release` says so if `isSlow`. */
function start(isSlow = false) {
  const held: (() => void)[] = [];
  let version = 100;
  const transport = new ScriptedTransport(async (request: ApiRequest) => {
    if (isSlow) await new Promise<void>((resolve) => held.push(resolve));
    version += 1;
    const name = request.path.split("/").at(-2);
    return { metadata: { namespace: "ns", name, uid: `uid-${name}`, resourceVersion: String(version) } };
  });
  const writer = new StatusWriter({
    client: new ResourceClient(transport, things),
    kind: "Thing",
    fieldManager: "me-status",
    timing: new FakeTiming(),
    concurrency: 2,
  });
  const release = async (): Promise<void> => {
    held.shift()?.();
    await settle();
  };
  return { transport, writer, release, held };
}

const request = (phase: string, change: Partial<StatusRequest> = {}): StatusRequest => ({
  ref: { namespace: "ns", name: "a" },
  uid: "uid-a",
  resourceVersion: "10",
  current: { phase: "Old" },
  desired: { phase },
  ...change,
});
const sent = (transport: ScriptedTransport) => transport.requests.map(({ body }) => body);

describe("a status", () => {
  it("is applied under its own manager", async () => {
    const { transport, writer } = start();
    const outcome = await writer.write(request("New"), forever);
    expect(outcome).toMatchObject({ kind: "written", resourceVersion: "101" });
    expect(transport.requests).toEqual([
      {
        method: "PATCH",
        path: "/apis/example.com/v1/namespaces/ns/things/a/status",
        query: { fieldManager: "me-status", force: true },
        contentType: "application/apply-patch+yaml",
        body: {
          apiVersion: "example.com/v1",
          kind: "Thing",
          metadata: { name: "a", namespace: "ns" },
          status: { phase: "New" },
        },
        signal: forever,
      },
    ]);
  });

  it("that is so already is not sent", async () => {
    const { transport, writer } = start();
    expect(await writer.write(request("Old"), forever)).toEqual({ kind: "unchanged" });
    expect(transport.requests).toEqual([]);
  });

  it("that was just written is not sent again while the cache is behind", async () => {
    const { transport, writer } = start();
    await writer.write(request("New"), forever);
    expect(await writer.write(request("New"), forever)).toEqual({ kind: "unchanged" });
    expect(transport.requests.length).toBe(1);
  });

  it("is compared with the cache again once that has caught up, or shows another object", async () => {
    const { writer } = start();
    await writer.write(request("New"), forever);
    const changedByOthers = request("New", { resourceVersion: "150", current: { phase: "Theirs" } });
    expect(await writer.write(changedByOthers, forever)).toMatchObject({ kind: "written" });
    const again = request("New", { uid: "uid-a2", resourceVersion: "12", current: {} });
    expect(await writer.write(again, forever)).toMatchObject({ kind: "written" });
  });

  it("of an object that is gone is gone", async () => {
    const { transport, writer } = start();
    transport.answer = () => {
      throw new KubeApiError({ code: "NotFound", httpStatus: 404, message: "gone" });
    };
    expect(await writer.write(request("New"), forever)).toEqual({ kind: "gone" });
  });

  it("that could not be written is tried again by the next request", async () => {
    const { transport, writer } = start();
    const answer = transport.answer;
    transport.answer = () => {
      throw new KubeApiError({ code: "ServerError", httpStatus: 500, message: "no" });
    };
    await expect(writer.write(request("New"), forever)).rejects.toMatchObject({ code: "ServerError" });
    transport.answer = () => "nonsense";
    await expect(writer.write(request("New"), forever)).rejects.toMatchObject({ code: "UnexpectedAnswer" });
    transport.answer = answer;
    expect(await writer.write(request("New"), forever)).toMatchObject({ kind: "written" });
  });
});

describe("many requests", () => {
  it("for one object while one is in flight become one write, of the last", async () => {
    const { transport, writer, release } = start(true);
    const outcomes = Promise.all(["A", "B", "C", "D"].map((phase) => writer.write(request(phase), forever)));
    await settle();
    expect(transport.requests.length).toBe(1);
    await release();
    await release();
    expect(
      (await outcomes).map((outcome) => ("resourceVersion" in outcome ? outcome.resourceVersion : outcome.kind)),
    ).toEqual(["101", "102", "102", "102"]);
    expect(sent(transport)).toMatchObject([{ status: { phase: "A" } }, { status: { phase: "D" } }]);
  });

  it("that end where the write in flight leads send nothing more", async () => {
    const { transport, writer, release } = start(true);
    const outcomes = Promise.all(["A", "B", "A"].map((phase) => writer.write(request(phase), forever)));
    await settle();
    await release();
    expect((await outcomes).map(({ kind }) => kind)).toEqual(["written", "unchanged", "unchanged"]);
    expect(transport.requests.length).toBe(1);
  });

  it("for many objects go out a few at a time", async () => {
    const { transport, writer, release, held } = start(true);
    const names = ["a", "b", "c", "d", "e"];
    const outcomes = Promise.all(
      names.map((name) => writer.write(request("New", { ref: { namespace: "ns", name } }), forever)),
    );
    await settle();
    expect(transport.requests.length).toBe(2);
    await release();
    expect(transport.requests.length).toBe(3);
    while (held.length > 0) await release();
    expect((await outcomes).map(({ kind }) => kind)).toEqual(names.map(() => "written"));
  });

  it("wait no longer when their signal aborts, and leave the others their place", async () => {
    const { transport, writer, release } = start(true);
    const stop = new AbortController();
    const ref = (name: string) => ({ ref: { namespace: "ns", name } });
    const running = ["a", "b"].map((name) => writer.write(request("New", ref(name)), forever));
    const stopped = writer.write(request("New", ref("c")), stop.signal);
    const last = writer.write(request("New", ref("d")), forever);
    stop.abort(new Error("stop"));
    await expect(stopped).rejects.toThrow("stop");
    for (let n = 0; n < 3; n++) await release();
    expect((await Promise.all([...running, last])).map(({ kind }) => kind)).toEqual(["written", "written", "written"]);
    expect(transport.requests.length).toBe(3);
  });
});
