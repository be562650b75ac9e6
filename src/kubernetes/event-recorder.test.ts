import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../test/support/kubernetes/fake-timing.ts";
import { RecordingLogger } from "../../test/support/kubernetes/recording-logger.ts";
import { ScriptedTransport } from "../../test/support/kubernetes/scripted-transport.ts";
import { type EventNote, EventRecorder } from "./event-recorder.ts";
import { KubeApiError, type KubeErrorCode } from "./http/api-error.ts";

function start() {
  const transport = new ScriptedTransport();
  const timing = new FakeTiming();
  const log = new RecordingLogger();
  const dropped: string[] = [];
  const stop = new AbortController();
  const recorder = new EventRecorder({
    transport,
    component: "operator",
    instance: "operator-0",
    timing,
    log,
    onDrop: (why) => dropped.push(why),
  });
  return { transport, timing, log, dropped, stop, recorder, run: recorder.run(stop.signal) };
}

const note = (message = "hello", change: Partial<EventNote> = {}): EventNote => ({
  subject: { apiVersion: "example.com/v1", kind: "Thing", namespace: "ns", name: "a", uid: "uid-a" },
  type: "Normal",
  reason: "Greeted",
  message,
  ...change,
});
const failure = (code: KubeErrorCode) => new KubeApiError({ code, httpStatus: 0, message: code });
const calls = (transport: ScriptedTransport) => transport.requests.map(({ method }) => method);

describe("an event", () => {
  it("is created beside its object", async () => {
    const { transport, recorder } = start();
    recorder.record(note());
    await settle();
    expect(transport.requests).toMatchObject([
      {
        method: "POST",
        path: "/api/v1/namespaces/ns/events",
        body: {
          kind: "Event",
          metadata: { namespace: "ns", name: expect.stringMatching(/^a\.[0-9a-f]{15,16}$/) },
          involvedObject: { kind: "Thing", name: "a", uid: "uid-a" },
          type: "Normal",
          reason: "Greeted",
          message: "hello",
          source: { component: "operator" },
          count: 1,
          firstTimestamp: "2026-01-02T03:04:05Z",
          lastTimestamp: "2026-01-02T03:04:05Z",
        },
      },
    ]);
  });

  it("about an object without a namespace is created in default", async () => {
    const { transport, recorder } = start();
    recorder.record(note("x", { subject: { apiVersion: "v1", kind: "Node", name: "n", uid: "u" } }));
    await settle();
    expect(transport.requests[0]?.path).toBe("/api/v1/namespaces/default/events");
  });

  it("has a name within the limits for the longest object name", async () => {
    const { transport, recorder } = start();
    const name = `${"a".repeat(235)}-${"b".repeat(17)}`;
    recorder.record(note("x", { subject: { apiVersion: "v1", kind: "Thing", namespace: "ns", name, uid: "u" } }));
    await settle();
    expect(transport.requests).toMatchObject([
      { body: { metadata: { name: expect.stringMatching(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/) } } },
    ]);
    expect(transport.requests).toMatchObject([{ body: { metadata: { name: expect.not.stringContaining("-.") } } }]);
  });

  it("that comes again counts the first one up", async () => {
    const { transport, timing, recorder } = start();
    for (let n = 0; n < 3; n++) {
      recorder.record(note());
      await timing.advance(60_000);
    }
    expect(calls(transport)).toEqual(["POST", "PATCH", "PATCH"]);
    expect(transport.requests.at(-1)).toMatchObject({
      path: expect.stringMatching(/^\/api\/v1\/namespaces\/ns\/events\/a\./),
      contentType: "application/merge-patch+json",
      body: { count: 3, lastTimestamp: "2026-01-02T03:06:05Z" },
    });
  });

  it("that comes again many times before it is sent is one request", async () => {
    const { transport, recorder } = start();
    for (let n = 0; n < 5; n++) recorder.record(note());
    await settle();
    expect(transport.requests).toMatchObject([{ method: "POST", body: { count: 5 } }]);
  });

  it.each([
    { name: "another text", other: note("other") },
    { name: "another reason", other: note("hello", { reason: "Left" }) },
    { name: "another type", other: note("hello", { type: "Warning" }) },
    { name: "another object", other: note("hello", { subject: { ...note().subject, uid: "uid-b" } }) },
  ])("with $name is another", async ({ other }) => {
    const { transport, recorder } = start();
    recorder.record(note());
    recorder.record(other);
    await settle();
    expect(calls(transport)).toEqual(["POST", "POST"]);
  });

  it("that comes again after ten minutes is a new one", async () => {
    const { transport, timing, recorder } = start();
    recorder.record(note());
    await timing.advance(600_000);
    recorder.record(note());
    await settle();
    expect(calls(transport)).toEqual(["POST", "POST"]);
  });

  it("whose first is gone from the server is created again", async () => {
    const { transport, recorder } = start();
    transport.answer = ({ method }) => {
      if (method === "PATCH") throw failure("NotFound");
      return {};
    };
    recorder.record(note());
    await settle();
    recorder.record(note());
    await settle();
    expect(calls(transport)).toEqual(["POST", "PATCH", "POST"]);
    expect(transport.requests.at(-1)).toMatchObject({ body: { count: 2 } });
  });

  it("is made fit for one line and 1024 bytes", async () => {
    const { transport, recorder } = start();
    recorder.record(note(`evil\nname\u001b[31m\u2028 ${"ü".repeat(2_000)}`));
    await settle();
    const { body } = transport.requests[0] ?? {};
    const { message } = body as { message: string };
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
    expect(message).toMatch(/^evil name \[31m\s+ü+\.\.\.$/);
  });
});

describe("too much", () => {
  it("of one object stops after 25, and gets one more each five minutes", async () => {
    const { transport, timing, dropped, recorder } = start();
    for (let n = 0; n < 30; n++) recorder.record(note(`text ${n}`));
    await settle();
    expect([transport.requests.length, dropped.length]).toEqual([25, 5]);
    recorder.record(note("other", { subject: { ...note().subject, uid: "uid-b" } }));
    await timing.advance(300_000);
    recorder.record(note("later"));
    recorder.record(note("too soon"));
    await settle();
    expect([transport.requests.length, dropped.length]).toEqual([27, 6]);
  });

  it("while the server is away is dropped and not kept", async () => {
    const { transport, timing, dropped, recorder } = start();
    transport.answer = () => {
      throw failure("ConnectionRefused");
    };
    for (let n = 0; n < 3_000; n++) recorder.record(note("x", { subject: { ...note().subject, uid: `u${n}` } }));
    expect(dropped.length).toBe(2_000);
    await timing.advance(5_000);
    transport.answer = () => ({});
    transport.requests.length = 0;
    await timing.advance(60_000);
    expect(transport.requests.length).toBe(1_000);
  });
});

describe("trouble", () => {
  it("is tried again a few times", async () => {
    const { transport, timing, dropped, recorder } = start();
    transport.answer = () => {
      throw failure("ServerError");
    };
    recorder.record(note());
    await timing.advance(200_000);
    expect([transport.requests.length, dropped]).toEqual([5, ["refused"]]);
  });

  it("of before does not count against an event that comes again", async () => {
    const { transport, timing, recorder } = start();
    transport.answer = () => {
      throw failure("ServerError");
    };
    recorder.record(note());
    await timing.advance(100_000);
    recorder.record(note());
    await settle();
    transport.answer = () => ({});
    await timing.advance(100_000);
    expect(transport.requests.at(-1)).toMatchObject({ method: "POST", body: { count: 2 } });
    expect(transport.requests.length).toBe(7);
  });

  it("of a kind that stays is not tried again", async () => {
    const { transport, timing, dropped, recorder, log } = start();
    transport.answer = () => {
      throw failure("Forbidden");
    };
    recorder.record(note());
    await timing.advance(60_000);
    expect([transport.requests.length, dropped, log.lines]).toEqual([1, ["refused"], ["warn an event was dropped"]]);
  });

  it("never reaches the caller", () => {
    const { recorder, log } = start();
    const broken: EventNote = {
      ...note(),
      get message(): string {
        throw new Error("no text");
      },
    };
    expect(() => recorder.record(broken)).not.toThrow();
    expect(log.lines).toEqual(["error an event could not be recorded"]);
  });
});

describe("stopping", () => {
  it("can wait until all is sent", async () => {
    const { transport, timing, stop, recorder, run } = start();
    recorder.record(note());
    await recorder.flush(1_000);
    expect(transport.requests.length).toBe(1);
    await recorder.flush(1_000);
    stop.abort(new Error("stop"));
    await run;
    expect(timing.pendingTimers).toBe(0);
  });

  it("does not wait for ever", async () => {
    const { transport, timing, stop, recorder, run } = start();
    transport.answer = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
    recorder.record(note());
    await settle();
    const flushed = recorder.flush(1_000);
    await timing.advance(1_000);
    await flushed;
    stop.abort(new Error("stop"));
    await run;
    expect(transport.requests.length).toBe(1);
  });
});
