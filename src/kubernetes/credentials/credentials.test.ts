import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeTiming } from "../../../test/support/kubernetes/fake-timing.ts";
import { RecordingLogger } from "../../../test/support/kubernetes/recording-logger.ts";
import { findCluster } from "../auth.ts";

const forever = new AbortController().signal;
let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "credentials-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

/** As kubelet does: the file is another one at once. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(join(dir, `.${name}`), text);
  await rename(join(dir, `.${name}`), join(dir, name));
}

describe("a service account", () => {
  async function start() {
    await put("token", "one\n");
    await put("ca.crt", "CA 1");
    await put("namespace", "bacula");
    const timing = new FakeTiming();
    const log = new RecordingLogger();
    const source = { serviceHost: "fd00::1", servicePort: "6443", serviceAccountFolder: dir };
    return { timing, log, access: await findCluster(source, timing, log) };
  }

  it("says where the cluster is, where we live and who we are", async () => {
    const { access } = await start();
    expect([access.server, access.namespace]).toEqual(["https://[fd00::1]:6443", "bacula"]);
    expect(await access.credentials.present(forever)).toEqual({
      tls: { ca: "CA 1" },
      headers: { authorization: "Bearer one" },
    });
  });

  it("is read again every minute, and keeps the identity of what did not change", async () => {
    const { access, timing } = await start();
    const first = await access.credentials.present(forever);
    await put("token", "two");
    await timing.advance(59_000);
    expect(await access.credentials.present(forever)).toBe(first);
    await timing.advance(1_000);
    const second = await access.credentials.present(forever);
    expect(second.headers).toEqual({ authorization: "Bearer two" });
    expect(second.tls).toBe(first.tls);
    await put("ca.crt", "CA 2");
    await timing.advance(60_000);
    const third = await access.credentials.present(forever);
    expect(third.tls).toEqual({ ca: "CA 2" });
    expect(third.tls).not.toBe(first.tls);
  });

  it("is read again at once after a 401", async () => {
    const { access } = await start();
    await access.credentials.present(forever);
    await put("token", "two");
    access.credentials.renew();
    expect((await access.credentials.present(forever)).headers).toEqual({ authorization: "Bearer two" });
  });

  it("stays in use while its files cannot be read", async () => {
    const { access, timing, log } = await start();
    await access.credentials.present(forever);
    await rm(join(dir, "token"));
    await timing.advance(60_000);
    expect((await access.credentials.present(forever)).headers).toEqual({ authorization: "Bearer one" });
    expect(log.lines).toEqual(["warn credentials could not be read again, the ones from before stay in use"]);
  });

  it("that was never readable is an error", async () => {
    const { access } = await start();
    await rm(join(dir, "token"));
    await expect(access.credentials.present(forever)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a kubeconfig", () => {
  const config = (server: string, user: string, current = "here") => `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${server}", certificate-authority-data: ${btoa("CA")}}}]
users: [{name: u, user: ${user}}]
contexts: [{name: here, context: {cluster: c, user: u, namespace: ns}}]
current-context: ${current}
`;
  const start = (kubeconfig: string, timing = new FakeTiming()) =>
    findCluster({ kubeconfig, serviceHost: "10.0.0.1" }, timing, new RecordingLogger());

  it.each([
    ["a token", "{token: abc}", { authorization: "Bearer abc" }],
    ["a name and a password", "{username: me, password: secret}", { authorization: `Basic ${btoa("me:secret")}` }],
    [
      "an exec plugin",
      `{exec: {apiVersion: client.authentication.k8s.io/v1, command: echo, args: ['{"status":{"token":"plugged"}}']}}`,
      { authorization: "Bearer plugged" },
    ],
  ])("with %s", async (_, user, headers) => {
    await put("config", config("https://127.0.0.1:6443/", user));
    const access = await start(join(dir, "config"));
    expect([access.server, access.namespace]).toEqual(["https://127.0.0.1:6443", "ns"]);
    const present = await access.credentials.present(forever);
    expect(present.headers).toEqual(headers);
    expect(String(present.tls.ca)).toBe("CA");
  });

  it("with a client certificate", async () => {
    const user = `{client-certificate-data: ${btoa("CERT")}, client-key-data: ${btoa("KEY")}}`;
    await put("config", config("https://127.0.0.1:6443", user));
    const { tls } = await (await start(join(dir, "config"))).credentials.present(forever);
    expect([String(tls.cert), String(tls.key), tls.skipVerify]).toEqual(["CERT", "KEY", false]);
  });

  it("that changes is read again within a minute", async () => {
    const timing = new FakeTiming();
    await put("config", config("https://127.0.0.1:6443", "{token: one}"));
    const access = await start(join(dir, "config"), timing);
    await access.credentials.present(forever);
    await put("config", config("https://127.0.0.1:6443", "{token: two}"));
    await timing.advance(60_000);
    expect((await access.credentials.present(forever)).headers).toEqual({ authorization: "Bearer two" });
  });

  it.each([
    ["that is not there", undefined, /cannot be read: ENOENT/],
    ["that is no YAML", "{", /cannot be read/],
    [
      "without such a context",
      config("https://127.0.0.1", "{}", "elsewhere"),
      /current-context "elsewhere" names no cluster/,
    ],
    [
      "with a proxy",
      config("https://127.0.0.1", "{}").replace("{server:", "{proxy-url: http://127.0.0.1:1, server:"),
      /proxy-url, which is not supported/,
    ],
  ])("%s is an error that says so", async (_, text, message) => {
    if (text !== undefined) await put("config", text);
    await expect(start(join(dir, "config"))).rejects.toMatchObject({
      code: "KubeconfigInvalid",
      message: expect.stringMatching(message),
    });
  });
});

it("without any cluster says what to set", async () => {
  await expect(findCluster({}, new FakeTiming(), new RecordingLogger())).rejects.toMatchObject({ code: "NoCluster" });
});
