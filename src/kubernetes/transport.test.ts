import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Arrived, FakeApiServer, json } from "../../test/support/kubernetes/fake-api-server.ts";
import type { Credentials } from "./credentials/credentials.ts";
import type { SeenRequest } from "./http/api-transport.ts";
import { systemTiming, type Timing } from "./time/timing.ts";
import { KubeTransport } from "./transport.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const status = (code: number, reason: string) => ({ kind: "Status", code, reason, message: `it is ${reason}` });
const forever = new AbortController().signal;

/** Waits are counted and not waited for. */
function hasty(waits: number[]): Timing {
  return {
    now: () => Date.UTC(2026, 0, 2),
    monotonicNow: () => systemTiming.monotonicNow(),
    random: () => 0,
    schedule: (delayMs, work) => {
      waits.push(delayMs);
      return systemTiming.schedule(0, work);
    },
  };
}

class TestCredentials implements Credentials {
  token = "first";
  tls = {};
  renewals = 0;

  async present() {
    return { tls: this.tls, headers: { authorization: `Bearer ${this.token}` } };
  }

  renew(): void {
    this.renewals += 1;
    this.token = "second";
  }
}

async function start(handler: (request: Arrived, response: ServerResponse) => void, basePath = "") {
  const server = await FakeApiServer.start(handler);
  const seen: SeenRequest[] = [];
  const waits: number[] = [];
  const credentials = new TestCredentials();
  const transport = new KubeTransport({
    access: { server: server.url + basePath, namespace: undefined, credentials },
    timing: hasty(waits),
    userAgent: "test/1",
    onRequest: (request) => seen.push(request),
    connections: 2,
  });
  ends.push(async () => {
    await transport.close();
    await server.close();
  });
  const get = (signal = forever) => transport.request({ method: "GET", path: "/api/v1/things", signal });
  return { server, transport, seen, waits, credentials, get };
}

const codes = (seen: readonly SeenRequest[]) => seen.map(({ verb, code }) => `${verb} ${code}`);

describe("a request", () => {
  it("sends path, query, body, type and who we are, and gives the answer's JSON", async () => {
    const { server, transport } = await start((_, response) => json(response, 200, { ok: true }), "/cluster/1/");
    const answer = await transport.request({
      method: "PATCH",
      path: "/api/v1/namespaces/ns/things/a%20b",
      query: { force: true, limit: 5, continue: "a&b", labelSelector: undefined },
      body: { spec: "ü" },
      contentType: "application/apply-patch+yaml",
      signal: forever,
    });
    expect(answer).toEqual({ ok: true });
    expect(server.arrived).toMatchObject([
      {
        method: "PATCH",
        url: "/cluster/1/api/v1/namespaces/ns/things/a%20b?force=true&limit=5&continue=a%26b",
        body: '{"spec":"ü"}',
        headers: {
          authorization: "Bearer first",
          "content-type": "application/apply-patch+yaml",
          accept: "application/json",
          "user-agent": "test/1",
        },
      },
    ]);
  });

  it("has no type without a body, and an empty answer is undefined", async () => {
    const { server, get } = await start((_, response) => response.end());
    expect(await get()).toBeUndefined();
    expect(server.arrived[0]?.headers).not.toHaveProperty("content-type");
  });

  it("goes over a few kept connections, however many there are", async () => {
    const { server, get } = await start((_, response) => json(response, 200, {}));
    await Promise.all(Array.from({ length: 60 }, () => get()));
    for (let n = 0; n < 20; n++) await get();
    expect(server.arrived.length).toBe(80);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it("with new certificates goes over new connections", async () => {
    const { server, credentials, get } = await start((_, response) => json(response, 200, {}));
    for (let n = 0; n < 5; n++) await get();
    const before = server.connections;
    for (let n = 0; n < 5; n++) await get();
    expect(server.connections).toBe(before);
    credentials.tls = {};
    await get();
    expect(server.connections).toBe(before + 1);
  });
});

describe("an answer that refuses", () => {
  it.each([
    [400, status(400, "BadRequest"), "BadRequest"],
    [403, status(403, "Forbidden"), "Forbidden"],
    [404, status(404, "NotFound"), "NotFound"],
    [409, status(409, "AlreadyExists"), "AlreadyExists"],
    [409, status(409, "Conflict"), "Conflict"],
    [410, status(410, "Expired"), "Expired"],
    [410, status(410, "Gone"), "Expired"],
    [422, status(422, "Invalid"), "Invalid"],
    [500, status(500, "InternalError"), "ServerError"],
    [503, status(503, "ServiceUnavailable"), "Unavailable"],
    [504, status(504, "Timeout"), "Timeout"],
    [504, { ...status(504, "Timeout"), details: { causes: [{ reason: "ResourceVersionTooLarge" }] } }, "Expired"],
    [404, "404 page not found", "NotFound"],
    [409, {}, "Conflict"],
    [415, "", "UnsupportedMediaType"],
    [502, "<html>bad gateway</html>", "Unavailable"],
    [302, "", "BadRequest"],
  ])("%i %j is %s", async (httpStatus, body, code) => {
    const { seen, get } = await start((_, response) => json(response, httpStatus, body));
    await expect(get()).rejects.toMatchObject({ code, httpStatus });
    expect(codes(seen)).toEqual([`GET ${httpStatus}`]);
  });

  it("has a short message of one line, without body and headers", async () => {
    const message = `no\n${"x".repeat(5_000)}`;
    const { get } = await start((_, response) => json(response, 403, { ...status(403, "Forbidden"), message }));
    const error = await get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^GET \/api\/v1\/things: 403 Forbidden: no x+\.\.\.$/),
    });
    expect(error).toMatchObject({ message: expect.not.stringMatching(/.{513}/) });
  });

  it("is repeated when throttled, after the time that was asked for", async () => {
    let left = 2;
    const { waits, seen, get } = await start((_, response) => {
      left -= 1;
      if (left >= 0) json(response, 429, status(429, "TooManyRequests"), { "retry-after": "7" });
      else json(response, 200, { ok: true });
    });
    expect(await get()).toEqual({ ok: true });
    expect(waits).toEqual([7_000, 7_000]);
    expect(codes(seen)).toEqual(["GET 429", "GET 429", "GET 200"]);
  });

  it("is repeated a bounded number of times", async () => {
    const { waits, server, get } = await start((_, response) => json(response, 429, "slow"));
    await expect(get()).rejects.toMatchObject({ code: "TooManyRequests" });
    expect(server.arrived.length).toBe(6);
    expect(waits).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });

  it("is handed on with its time when that is too long to wait here", async () => {
    const { server, get } = await start((_, response) => json(response, 503, "later", { "retry-after": "120" }));
    await expect(get()).rejects.toMatchObject({ code: "Unavailable", retryAfterMs: 120_000 });
    expect(server.arrived.length).toBe(1);
  });

  it.each([
    ["seconds of the Status", {}, { ...status(429, "TooManyRequests"), details: { retryAfterSeconds: 3 } }, 3_000],
    ["a date", { "retry-after": "Fri, 02 Jan 2026 00:00:05 GMT" }, {}, 5_000],
  ])("knows the time from %s", async (_, headers, body, waitMs) => {
    const { waits, get } = await start((_request, response) => json(response, 429, body, headers));
    await expect(get()).rejects.toMatchObject({ code: "TooManyRequests" });
    expect(waits[0]).toBe(waitMs);
  });

  it("with 401 is tried once more with credentials read anew", async () => {
    const { credentials, server, get } = await start((request, response) => {
      if (request.headers.authorization === "Bearer second") json(response, 200, { ok: true });
      else json(response, 401, status(401, "Unauthorized"));
    });
    expect(await get()).toEqual({ ok: true });
    expect(credentials.renewals).toBe(1);
    server.handler = (_, response) => json(response, 401, status(401, "Unauthorized"));
    await expect(get()).rejects.toMatchObject({ code: "Unauthorized" });
    expect(server.arrived.length).toBe(4);
  });
});

describe("a connection", () => {
  it("that is refused says so", async () => {
    const { server, seen, get } = await start((_, response) => json(response, 200, {}));
    await server.close();
    await expect(get()).rejects.toMatchObject({ code: "ConnectionRefused", httpStatus: 0 });
    expect(codes(seen)).toEqual(["GET ConnectionRefused"]);
  });

  it("that is cut is tried once more for a GET, and never for a write", async () => {
    const { server, transport, get } = await start((_, response) => response.destroy());
    await expect(get()).rejects.toMatchObject({ code: "ConnectionLost" });
    expect(server.arrived.length).toBe(2);
    const post = transport.request({ method: "POST", path: "/x", body: {}, signal: forever });
    await expect(post).rejects.toMatchObject({ code: "ConnectionLost" });
    expect(server.arrived.length).toBe(3);
  });

  it("that is cut within the answer is an error", async () => {
    const { get } = await start((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"half":');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(get()).rejects.toMatchObject({ code: "ConnectionLost" });
  });

  it("that carries no JSON is an error", async () => {
    const { get } = await start((_, response) => response.end("<html>"));
    await expect(get()).rejects.toMatchObject({ code: "UnexpectedAnswer" });
  });

  it("is given up when the signal aborts", async () => {
    const { seen, get } = await start(() => {});
    const stop = new AbortController();
    const answer = get(stop.signal);
    setTimeout(() => stop.abort(new Error("stop")), 30);
    await expect(answer).rejects.toThrow("stop");
    expect(codes(seen)).toEqual(["GET Aborted"]);
  });

  it("that is only just being made is given up when the signal aborts", async () => {
    // Takes connections and never answers the TLS handshake.
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const access = { server: `https://127.0.0.1:${port}`, namespace: undefined, credentials: new TestCredentials() };
    const transport = new KubeTransport({ access, timing: systemTiming, userAgent: "test/1" });
    ends.push(async () => {
      await transport.close();
      silent.close();
    });
    const soon = () => ({ path: "/x", signal: AbortSignal.timeout(50) });
    const startMs = performance.now();
    await expect(transport.request({ method: "GET", ...soon() })).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(transport.stream(soon())).rejects.toMatchObject({ name: "TimeoutError" });
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  it("to a server that wants to wait is given up when the signal aborts", async () => {
    const server = await FakeApiServer.start((_, response) => json(response, 429, "", { "retry-after": "20" }));
    const access = { server: server.url, namespace: undefined, credentials: new TestCredentials() };
    const transport = new KubeTransport({ access, timing: systemTiming, userAgent: "test/1" });
    ends.push(async () => {
      await transport.close();
      await server.close();
    });
    const stop = new AbortController();
    const answer = transport.request({ method: "GET", path: "/x", signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stop")), 50);
    await expect(answer).rejects.toThrow("stop");
  });
});

it("says so when there are no credentials", async () => {
  const { credentials, get } = await start((_, response) => json(response, 200, {}));
  credentials.present = () => Promise.reject(new Error("no token file"));
  await expect(get()).rejects.toMatchObject({
    code: "CredentialsFailed",
    message: "/api/v1/things: no credentials: no token file",
  });
});

describe("a stream", () => {
  const path = "/api/v1/things";

  async function readAll(lines: AsyncIterable<readonly Buffer[]>): Promise<string[]> {
    const all: string[] = [];
    for await (const batch of lines) all.push(...batch.map(String));
    return all;
  }

  it("gives lines as they come, split only at newlines", async () => {
    const { transport, server, seen } = await start((_, response) => {
      response.write('{"a":"one\u2028line"}\n{"b"');
      setTimeout(() => response.end(':"ü"}\n\nhalf a li'), 30);
    });
    const stream = await transport.stream({ path, query: { watch: true }, signal: forever });
    expect(await readAll(stream)).toEqual(['{"a":"one\u2028line"}', '{"b":"ü"}']);
    expect(server.arrived[0]?.url).toBe("/api/v1/things?watch=true");
    expect(codes(seen)).toEqual(["WATCH 200"]);
  });

  it("that is refused says why, and is not repeated", async () => {
    const { transport, server, seen } = await start((_, response) =>
      json(response, 429, status(429, "TooManyRequests"), { "retry-after": "1" }),
    );
    const opening = transport.stream({ path, signal: forever });
    await expect(opening).rejects.toMatchObject({ code: "TooManyRequests", retryAfterMs: 1_000 });
    expect([server.arrived.length, codes(seen)]).toEqual([1, ["WATCH 429"]]);
  });

  it("with 401 makes the next one read the credentials anew", async () => {
    const { transport, credentials } = await start((_, response) => json(response, 401, {}));
    await expect(transport.stream({ path, signal: forever })).rejects.toMatchObject({ code: "Unauthorized" });
    expect(credentials.renewals).toBe(1);
  });

  it("that is cut says so", async () => {
    const { transport } = await start((_, response) => {
      response.write("{}\n");
      setTimeout(() => response.destroy(), 30);
    });
    const stream = await transport.stream({ path, signal: forever });
    await expect(readAll(stream)).rejects.toMatchObject({ code: "ConnectionLost" });
  });

  it("that is silent ends with its signal, and its connection with it", async () => {
    let isClosed = false;
    const { transport } = await start((_, response) => {
      response.write("{}\n");
      response.on("close", () => {
        isClosed = true;
      });
    });
    const stop = new AbortController();
    const stream = await transport.stream({ path, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stop")), 30);
    await expect(readAll(stream)).rejects.toThrow("stop");
    await expect.poll(() => isClosed).toBe(true);
  });

  it("takes no connection from requests", async () => {
    const { transport, get } = await start((request, response) => {
      if (request.url.includes("watch")) response.write("{}\n");
      else json(response, 200, { ok: true });
    });
    const stop = new AbortController();
    for (let n = 0; n < 8; n++) await transport.stream({ path, query: { watch: true }, signal: stop.signal });
    expect(await get()).toEqual({ ok: true });
    stop.abort(new Error("stop"));
  });
});
