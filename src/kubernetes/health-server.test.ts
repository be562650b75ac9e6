import { afterEach, describe, expect, it } from "vitest";
import { RecordingLogger } from "../../test/support/kubernetes/recording-logger.ts";
import { type Endpoint, HealthServer } from "./health-server.ts";

const open: HealthServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(endpoints: Readonly<Record<string, Endpoint>>) {
  const log = new RecordingLogger();
  const server = new HealthServer({ address: { host: "127.0.0.1", port: 0 }, endpoints, log });
  open.push(server);
  const port = await server.listen();
  const get = async (path: string, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    const type = response.headers.get("content-type");
    return { status: response.status, text: await response.text(), type };
  };
  return { get, log, port };
}

describe("checks", () => {
  it("answer 200 when all hold, else 503 and the names of what failed", async () => {
    let isWell = true;
    const broken = (): boolean => {
      throw new Error("no answer");
    };
    const { get } = await start({
      "/livez": { kind: "checks", checks: { elector: () => isWell, loop: () => true } },
      "/readyz": { kind: "checks", checks: { caches: broken } },
    });
    expect(await get("/livez?verbose")).toMatchObject({ status: 200, text: "ok\n" });
    isWell = false;
    expect(await get("/livez")).toMatchObject({ status: 503, text: "elector failed\n" });
    expect(await get("/readyz")).toMatchObject({ status: 503, text: "caches failed\n" });
    expect(await get("/livez", "HEAD")).toMatchObject({ status: 503, text: "" });
  });
});

describe("metrics", () => {
  it("are rendered by the caller", async () => {
    const render = async () => ({ contentType: "text/plain; version=0.0.4", text: "up 1\n" });
    const { get } = await start({ "/metrics": { kind: "text", render } });
    expect(await get("/metrics")).toEqual({ status: 200, text: "up 1\n", type: "text/plain; version=0.0.4" });
  });

  it("that cannot be rendered are 500, and logged", async () => {
    const { get, log } = await start({ "/metrics": { kind: "text", render: () => Promise.reject(new Error("no")) } });
    expect(await get("/metrics")).toMatchObject({ status: 500, text: "failed\n" });
    expect(log.lines).toEqual(["error an answer could not be rendered"]);
  });
});

describe("everything else", () => {
  it.each(["/", "/livez/", "/constructor", "/__proto__"])("%s is 404", async (path) => {
    const { get } = await start({ "/livez": { kind: "checks", checks: {} } });
    expect(await get(path)).toMatchObject({ status: 404 });
  });

  it("other methods are 405", async () => {
    const { get } = await start({ "/livez": { kind: "checks", checks: {} } });
    expect(await get("/livez", "POST")).toMatchObject({ status: 405 });
  });

  it("an address that is taken is an error of listen", async () => {
    const { port } = await start({});
    const second = new HealthServer({
      address: { host: "127.0.0.1", port },
      endpoints: {},
      log: new RecordingLogger(),
    });
    await expect(second.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
