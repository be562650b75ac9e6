import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../test/support/kubernetes/fake-timing.ts";
import { RecordingLogger } from "../../test/support/kubernetes/recording-logger.ts";
import { queryOf, ScriptedTransport } from "../../test/support/kubernetes/scripted-transport.ts";
import { KubeApiError, type KubeErrorCode } from "./http/api-error.ts";
import type { ApiRequest } from "./http/api-transport.ts";
import { Reflector } from "./reflector.ts";

const things = { group: "example.com", version: "v1", plural: "things", namespaced: true };

const raw = (name: string, version: number, size = 1) => ({
  metadata: { namespace: "ns", name, uid: `uid-${name}`, resourceVersion: String(version) },
  size,
});
const added = (name: string, version: number, size = 1) => ({ type: "ADDED", object: raw(name, version, size) });
const modified = (name: string, version: number, size = 1) => ({ type: "MODIFIED", object: raw(name, version, size) });
const deleted = (name: string, version: number) => ({ type: "DELETED", object: raw(name, version) });
const bookmark = (version: number) => ({
  type: "BOOKMARK",
  object: { metadata: { resourceVersion: String(version) } },
});
const initialEnd = (version: number) => ({
  type: "BOOKMARK",
  object: { metadata: { resourceVersion: String(version), annotations: { "k8s.io/initial-events-end": "true" } } },
});
const failure = (code: KubeErrorCode, httpStatus = 0, retryAfterMs?: number) =>
  new KubeApiError({ code, httpStatus, message: code, retryAfterMs });

function project(object: unknown): { size: number } | undefined {
  if (typeof object !== "object" || object === null || !("size" in object)) throw new Error("has no size");
  if (typeof object.size !== "number") throw new Error("size is no number");
  return object.size < 0 ? undefined : { size: object.size };
}

function start(mayStream = true, prepare: (transport: ScriptedTransport) => void = () => {}) {
  const transport = new ScriptedTransport();
  prepare(transport);
  const timing = new FakeTiming();
  const log = new RecordingLogger();
  const events: string[] = [];
  const ends: string[] = [];
  const stop = new AbortController();
  const reflector = new Reflector<{ size: number }, "size">({
    transport,
    resource: things,
    project,
    indexes: { size: ({ size }) => [String(size)] },
    onEvent: ({ type, key, object, old, initial }) => {
      events.push(`${initial ? "initial " : ""}${type} ${key} ${old?.size ?? "-"}>${object.size}`);
      if (object.size === 666) throw new Error("the listener fails");
    },
    timing,
    log,
    mayStream,
    metrics: { onWatchEnd: (reason) => ends.push(reason) },
  });
  const run = reflector.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort(new Error("stop"));
    await run;
  };
  return { transport, timing, log, events, ends, reflector, end, signal: stop.signal };
}

/** One that has streamed its first list, with `a` and `b`, and stands at version 100. */
async function startSynced() {
  const bed = start();
  await settle();
  bed.transport.watch.send(added("a", 10), added("b", 20), initialEnd(100));
  await bed.reflector.waitForSync(bed.signal);
  bed.events.length = 0;
  return bed;
}

describe("the first list", () => {
  it("is streamed, and complete with its bookmark", async () => {
    const { transport, reflector, events, end } = start();
    await settle();
    expect(Object.fromEntries(transport.watch.query)).toEqual({
      watch: "true",
      allowWatchBookmarks: "true",
      sendInitialEvents: "true",
      resourceVersionMatch: "NotOlderThan",
      timeoutSeconds: "450",
    });
    transport.watch.send(added("a", 30, 1), added("b", 20, 2));
    await settle();
    expect(reflector.hasSynced).toBe(false);
    transport.watch.send(initialEnd(100));
    await settle();
    expect(reflector.hasSynced).toBe(true);
    expect(events).toEqual(["initial added ns/a ->1", "initial added ns/b ->2"]);
    expect([...reflector.store.index("size", "2")]).toEqual(["ns/b"]);
    transport.watch.send(added("c", 101));
    await settle();
    expect(events.at(-1)).toBe("added ns/c ->1");
    await end();
  });

  it("is begun again when it breaks off, and what the second one does not show is gone", async () => {
    const { transport, timing, reflector, events, end } = start();
    await settle();
    transport.watch.send(added("a", 10), added("b", 20));
    transport.watch.close();
    await timing.advance(2_000);
    transport.watch.send(added("b", 20), initialEnd(100));
    await settle();
    expect(events).toEqual(["initial added ns/a ->1", "initial added ns/b ->1", "initial deleted ns/a 1>1"]);
    expect(reflector.hasSynced).toBe(true);
    await end();
  });

  const pages = (request: ApiRequest): unknown =>
    queryOf(request).get("continue") === "second"
      ? { metadata: { resourceVersion: "100" }, items: [raw("b", 20)] }
      : { metadata: { resourceVersion: "100", continue: "second" }, items: [raw("a", 10)] };

  it.each(["Invalid", "BadRequest"] as const)("is paged where streaming is refused as %s", async (code) => {
    const { transport, reflector, end } = start(true, (server) => {
      server.refusals.push(failure(code, 422));
      server.answer = pages;
    });
    await settle();
    await settle();
    expect(transport.requests.map((request) => Object.fromEntries(queryOf(request)))).toEqual([
      { limit: "500" },
      { limit: "500", continue: "second" },
    ]);
    expect([...reflector.store.keys()]).toEqual(["ns/a", "ns/b"]);
    expect(transport.watch.query.get("resourceVersion")).toBe("100");
    expect(transport.watch.query.has("sendInitialEvents")).toBe(false);
    await end();
  });

  it("begins its pages anew when their token expires", async () => {
    let expirations = 0;
    const answer = (request: ApiRequest): unknown => {
      if (queryOf(request).get("continue") === null && expirations === 1) {
        return { metadata: { resourceVersion: "110", continue: "second" }, items: [raw("c", 105)] };
      }
      if (queryOf(request).get("continue") === "second" && expirations === 0) {
        expirations += 1;
        throw failure("Expired", 410);
      }
      return pages(request);
    };
    const { events, reflector, end } = start(false, (server) => {
      server.answer = answer;
    });
    await settle();
    expect(events.at(-1)).toBe("initial deleted ns/a 1>1");
    expect([...reflector.store.keys()]).toEqual(["ns/c", "ns/b"]);
    await end();
  });

  it("is an error when it is no list, and tried again", async () => {
    const { transport, timing, ends, reflector, end } = start(false, (server) => {
      server.answer = () => ({ kind: "Surprise" });
    });
    await settle();
    transport.answer = () => ({ metadata: { resourceVersion: "7" }, items: null });
    await timing.advance(3_000);
    expect(ends).toEqual(["UnexpectedAnswer"]);
    expect(reflector.hasSynced).toBe(true);
    await end();
  });
});

describe("a watch that ends", () => {
  it.each([
    { name: "closed after a while", how: undefined, afterMs: 400_000, delayMs: 0 },
    { name: "closed at once", how: undefined, afterMs: 0, delayMs: 1_200 },
    { name: "reset", how: failure("ConnectionLost"), afterMs: 10_000, delayMs: 1_200 },
    { name: "a server error", how: failure("ServerError", 500), afterMs: 10_000, delayMs: 1_200 },
    { name: "throttled", how: failure("TooManyRequests", 429, 7_000), afterMs: 10_000, delayMs: 7_000 },
  ])("$name is opened again at the last version, without a list", async ({ how, afterMs, delayMs }) => {
    const { transport, timing, end } = await startSynced();
    transport.watch.send(modified("a", 130, 2), bookmark(140));
    for (let waitedMs = 0; waitedMs < afterMs; waitedMs += 100_000) {
      await timing.advance(Math.min(afterMs, 100_000));
      transport.watch.send(bookmark(141));
    }
    const version = afterMs > 0 ? "141" : "140";
    await settle();
    if (how === undefined) transport.watch.close();
    else transport.watch.break(how);
    await timing.advance(Math.max(0, delayMs - 1));
    expect(transport.watches.length).toBe(delayMs === 0 ? 2 : 1);
    await timing.advance(1);
    expect(transport.watches.length).toBe(2);
    expect(transport.watch.query.get("resourceVersion")).toBe(version);
    expect(transport.requests).toEqual([]);
    await end();
  });

  it("by an ERROR event of another kind is opened again at the last version", async () => {
    const { transport, timing, end } = await startSynced();
    transport.watch.send({ type: "ERROR", object: { kind: "Status", code: 500, reason: "InternalError" } });
    await timing.advance(2_000);
    expect(transport.watch.query.get("resourceVersion")).toBe("100");
    await end();
  });

  it("is opened again however often the server refuses", async () => {
    const { transport, timing, ends, end } = await startSynced();
    for (let n = 0; n < 6; n++) transport.refusals.push(failure("ConnectionRefused"));
    transport.watch.break(failure("ConnectionLost"));
    await timing.advance(60_000);
    expect(ends).toEqual(["ConnectionLost", ...Array.from({ length: 6 }, () => "ConnectionRefused")]);
    expect(transport.watch.query.get("resourceVersion")).toBe("100");
    await end();
  });

  it("because nothing came for three minutes is opened again at once", async () => {
    const { transport, timing, ends, end } = await startSynced();
    await timing.advance(100_000);
    transport.watch.send(bookmark(150));
    await timing.advance(179_000);
    expect(transport.watches.length).toBe(1);
    await timing.advance(2_000);
    expect(ends).toEqual(["WatchStalled"]);
    expect(transport.watches.length).toBe(2);
    expect(transport.watches[0]?.isOpen).toBe(false);
    expect(transport.watch.query.get("resourceVersion")).toBe("150");
    await end();
  });
});

describe("a lost position", () => {
  it.each([
    {
      name: "an ERROR event 410",
      lose: (transport: ScriptedTransport) =>
        transport.watch.send({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } }),
    },
    { name: "410 on opening", lose: (transport: ScriptedTransport) => refuse(transport, failure("Expired", 410)) },
    { name: "404", lose: (transport: ScriptedTransport) => refuse(transport, failure("NotFound", 404)) },
  ])("by $name is found again by a list, which tells what changed meanwhile", async ({ lose }) => {
    const { transport, timing, events, end } = await startSynced();
    lose(transport);
    await timing.advance(5_000);
    expect(transport.watch.query.get("sendInitialEvents")).toBe("true");
    transport.watch.send(added("a", 10), added("c", 150), initialEnd(200));
    await settle();
    expect(events).toEqual(["added ns/c ->1", "deleted ns/b 1>1"]);
    transport.watch.close();
    await timing.advance(5_000);
    expect(transport.watch.query.get("resourceVersion")).toBe("200");
    await end();
  });

  function refuse(transport: ScriptedTransport, error: unknown): void {
    transport.refusals.push(error);
    transport.watch.break(failure("ConnectionLost"));
  }

  it.each([true, false])(
    "of a cluster restored from a backup is found at its earlier version (stream: %s)",
    async (mayStream) => {
      const { transport, timing, reflector, events, end } = start(mayStream, (server) => {
        server.answer = () => ({ metadata: { resourceVersion: "100" }, items: [raw("a", 90, 9), raw("b", 20)] });
      });
      await settle();
      if (mayStream) transport.watch.send(added("a", 90, 9), added("b", 20), initialEnd(100));
      await settle();
      events.length = 0;
      transport.answer = () => ({ metadata: { resourceVersion: "50" }, items: [raw("a", 30, 3)] });
      transport.watch.send({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
      for (let n = 0; n < 3; n++) {
        await timing.advance(10_000);
        if (mayStream && transport.watch.query.has("sendInitialEvents"))
          transport.watch.send(added("a", 30, 3), initialEnd(50));
      }
      expect(events).toEqual(["updated ns/a 9>3", "deleted ns/b 1>1"]);
      expect(reflector.store.resourceVersion("ns/a")).toBe("30");
      await end();
    },
  );
});

describe("what comes over the line", () => {
  it("is passed over when it is older than what is held", async () => {
    const { transport, events, reflector, end } = await startSynced();
    transport.watch.send(modified("a", 9, 5), deleted("a", 8), modified("b", 20, 5));
    await settle();
    expect(events).toEqual([]);
    expect([...reflector.store.keys()]).toEqual(["ns/a", "ns/b"]);
    await end();
  });

  it("is reported and passed over when the projection fails, and the object is not counted as gone", async () => {
    const { transport, timing, events, log, reflector, end } = await startSynced();
    transport.watch.send({ type: "MODIFIED", object: { ...raw("a", 110), size: "x" } }, modified("b", 111, 3));
    await settle();
    expect(events).toEqual(["updated ns/b 1>3"]);
    expect(log.lines).toContain("warn an object was skipped");
    transport.watch.send({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
    await timing.advance(5_000);
    transport.watch.send(
      { type: "ADDED", object: { ...raw("a", 110), size: "x" } },
      added("b", 111, 3),
      initialEnd(200),
    );
    await settle();
    expect([...reflector.store.keys()]).toEqual(["ns/a", "ns/b"]);
    await end();
  });

  it("leaves the store when the projection has no more interest in it", async () => {
    const { transport, events, end } = await startSynced();
    transport.watch.send(modified("a", 110, -1), modified("a", 111, 2));
    await settle();
    expect(events).toEqual(["deleted ns/a 1>1", "added ns/a ->2"]);
    await end();
  });

  it("is told to a listener that fails, and to it again", async () => {
    const { transport, events, log, end } = await startSynced();
    transport.watch.send(modified("a", 110, 666), modified("a", 111, 2));
    await settle();
    expect(events).toEqual(["updated ns/a 1>666", "updated ns/a 666>2"]);
    expect(log.lines).toContain("error a listener failed on a change");
    await end();
  });

  it("is asked for again when a line is unreadable, and listed when it stays so", async () => {
    const { transport, timing, events, ends, end } = await startSynced();
    for (let n = 0; n < 3; n++) {
      transport.watch.sendLines(JSON.stringify(modified("a", 110 + n, n + 2)), '{"type":"MODI');
      await timing.advance(35_000);
    }
    // Each of the three brought one readable event first, so each went on from there.
    expect(events).toEqual(["updated ns/a 1>2", "updated ns/a 2>3", "updated ns/a 3>4"]);
    expect(transport.watch.query.get("resourceVersion")).toBe("112");
    for (let n = 0; n < 3; n++) {
      transport.watch.sendLines("garbage");
      await timing.advance(35_000);
    }
    expect(transport.watch.query.get("sendInitialEvents")).toBe("true");
    expect(new Set(ends)).toEqual(new Set(["UnexpectedAnswer"]));
    await end();
  });
});

it("gives the event loop its turns while it takes in a long list", async () => {
  const timing = new FakeTiming();
  const transport = new ScriptedTransport();
  const stop = new AbortController();
  let turnsBetween = 0;
  const heldUp: number[] = [];
  const reflector = new Reflector<number>({
    transport,
    resource: things,
    // Each object takes a millisecond.
    project: () => {
      timing.jump(1);
      return heldUp.push(turnsBetween);
    },
    indexes: {},
    onEvent: () => {},
    timing,
    log: new RecordingLogger(),
  });
  const run = reflector.run(stop.signal);
  await settle();
  let isOver = false;
  const others = (): void => {
    turnsBetween += 1;
    if (!isOver) setImmediate(others);
  };
  setImmediate(others);
  transport.watch.send(...Array.from({ length: 200 }, (_, n) => added(`a${n}`, n + 1)), initialEnd(500));
  await reflector.waitForSync(stop.signal);
  isOver = true;
  stop.abort(new Error("stop"));
  await run;
  // 200 ms in slices of 8.
  expect(new Set(heldUp).size).toBe(25);
});

describe("our own writes", () => {
  it("are in the store at once, and their events are passed over", async () => {
    const { transport, events, reflector, end } = await startSynced();
    reflector.observe(raw("a", 120, 7));
    reflector.observe(raw("new", 121, 8));
    expect(reflector.store.get("ns/a")).toEqual({ size: 7 });
    expect([...reflector.store.index("size", "8")]).toEqual(["ns/new"]);
    transport.watch.send(modified("a", 119, 6), modified("a", 120, 7), added("new", 121, 8), deleted("new", 122));
    await settle();
    expect(events).toEqual(["deleted ns/new 8>8"]);
    await end();
  });

  it("do not bring back what was deleted meanwhile", async () => {
    const { transport, reflector, end } = await startSynced();
    transport.watch.send(added("new", 121), deleted("new", 125));
    await settle();
    reflector.observe(raw("new", 121));
    expect(reflector.store.has("ns/new")).toBe(false);
    await end();
  });

  it("that cannot be read change nothing", async () => {
    const { log, reflector, end } = await startSynced();
    reflector.observe({ ...raw("a", 120), size: "x" });
    reflector.observe("nonsense");
    expect(reflector.store.get("ns/a")).toEqual({ size: 1 });
    expect(log.lines).toContain("warn an object was skipped");
    await end();
  });
});

describe("stopping", () => {
  it("ends the watch, and the wait for a first list", async () => {
    const { transport, reflector, end, signal } = start();
    await settle();
    const outcome = reflector.waitForSync(signal).catch((error: unknown) => error);
    await end();
    expect(await outcome).toEqual(new Error("stop"));
    expect(transport.watch.isOpen).toBe(false);
  });

  it("does not wait for the end of a pause", async () => {
    const { transport, timing, end } = await startSynced();
    transport.watch.break(failure("ConnectionLost"));
    await settle();
    await end();
    expect(timing.pendingTimers).toBe(0);
  });
});
