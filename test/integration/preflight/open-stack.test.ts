import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type KeystoneBed, startKeystoneBed } from "../../../hack/testbed/keystone-bed.ts";
import { judgeOpenStack } from "../../../src/domain/preflight/judge-open-stack.ts";
import { inspectOpenStack } from "../../../src/openstack/inspect.ts";

const DAY_MS = 24 * 3600 * 1000;

let bed: KeystoneBed;
let folder: string;
beforeAll(async () => {
  bed = await startKeystoneBed({ name: "preflight" });
  folder = await mkdtemp(join(tmpdir(), "preflight-clouds-"));
}, 300_000);
afterAll(async () => {
  await bed?.wipe();
  if (folder !== undefined) await rm(folder, { recursive: true });
});
afterEach(() => {
  bed.compute.refuseWith = undefined;
  bed.compute.servers = [{ id: "1111", name: "web01" }];
});

async function checksOf(env: Readonly<Record<string, string>>) {
  const facts = await inspectOpenStack({ HOME: folder, ...env }, Date.now, new AbortController().signal);
  return judgeOpenStack(facts);
}
const troubleOf = async (env: Readonly<Record<string, string>>) =>
  (await checksOf(env)).filter(({ level }) => level === "WARN" || level === "FAIL");

const credentialVariables = ({ id, secret }: { readonly id: string; readonly secret: string }) => ({
  OS_AUTH_TYPE: "v3applicationcredential",
  OS_AUTH_URL: bed.authUrl,
  OS_APPLICATION_CREDENTIAL_ID: id,
  OS_APPLICATION_CREDENTIAL_SECRET: secret,
});

describe("OpenStack credentials against a real Keystone", () => {
  it("log in by OS_* variables, list a server, and leave no token behind", async () => {
    const checks = await checksOf(bed.passwordVariables);
    expect(checks.map(({ level }) => level)).toEqual(["OK", "OK", "OK"]);
    expect(checks[0]?.line).toBe(`authenticated at ${bed.authUrl} by a password, project backup`);
    const token = bed.compute.tokens.at(-1) ?? "";
    expect(token).not.toBe("");
    expect(await bed.compute.isValid(token)).toBe(false);
  });

  it("log in by clouds.yaml, the secret in secure.yaml", async () => {
    const file = join(folder, "clouds.yaml");
    await writeFile(
      file,
      `clouds:
  dc1:
    auth:
      auth_url: ${bed.authUrl.replace("/v3", "")}
      username: bacula
      project_name: backup
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
`,
    );
    const env = { OS_CLIENT_CONFIG_FILE: file };
    expect(await troubleOf(env)).toMatchObject([{ level: "FAIL", cause: `${file}, cloud dc1 has no password` }]);
    await writeFile(join(folder, "secure.yaml"), "clouds:\n  dc1:\n    auth:\n      password: baculapw\n");
    expect(await troubleOf(env)).toEqual([]);
    expect(await troubleOf({ ...env, OS_CLOUD: "dc2" })).toMatchObject([
      { level: "FAIL", cause: expect.stringMatching(/^OS_CLOUD is dc2; .* has dc1$/u) },
    ]);
  });

  it("log in by an application credential, by id and by name", async () => {
    const made = await bed.addApplicationCredential("lasting");
    const checks = await checksOf(credentialVariables(made));
    expect(checks.map(({ level }) => level)).toEqual(["OK", "OK", "OK"]);
    expect(checks[0]?.line).toContain("by an application credential");
    const byName = {
      OS_AUTH_URL: bed.authUrl,
      OS_APPLICATION_CREDENTIAL_NAME: "lasting",
      OS_APPLICATION_CREDENTIAL_SECRET: made.secret,
      OS_USERNAME: "bacula",
      OS_USER_DOMAIN_NAME: "Default",
    };
    expect(await troubleOf(byName)).toEqual([]);
  });

  it("are warned of before they expire, and told when they have", async () => {
    const soon = await bed.addApplicationCredential("soon", new Date(Date.now() + 10.5 * DAY_MS));
    expect(await troubleOf(credentialVariables(soon))).toMatchObject([
      { level: "WARN", line: expect.stringContaining("expires on"), cause: expect.stringContaining("in 10 days") },
    ]);
    const later = await bed.addApplicationCredential("later", new Date(Date.now() + 60 * DAY_MS));
    expect(await troubleOf(credentialVariables(later))).toEqual([]);
    const over = await bed.addApplicationCredential("over", new Date(Date.now() + 60 * DAY_MS));
    await bed.expireApplicationCredential(over.id);
    expect(await troubleOf(credentialVariables(over))).toMatchObject([
      { level: "FAIL", line: `authentication at ${bed.authUrl} failed` },
    ]);
  });

  it("are refused when wrong, and never shown", async () => {
    const made = await bed.addApplicationCredential("another");
    for (const env of [
      { ...bed.passwordVariables, OS_PASSWORD: "not-the-password" },
      { ...bed.passwordVariables, OS_PROJECT_NAME: "nosuch" },
      credentialVariables({ ...made, secret: "not-the-secret" }),
    ]) {
      const checks = await checksOf(env);
      expect(checks).toMatchObject([{ level: "FAIL", line: `authentication at ${bed.authUrl} failed` }]);
      expect(JSON.stringify(checks)).not.toMatch(/not-the|baculapw|secret-of/u);
    }
  });
});

describe("the way to OpenStack", () => {
  it("is told when nobody answers, when it is not Keystone, and when TLS fails", async () => {
    const at = (url: string) => troubleOf({ ...bed.passwordVariables, OS_AUTH_URL: url });
    expect(await at("http://127.0.0.1:1/v3")).toMatchObject([
      { level: "FAIL", cause: expect.stringContaining("ECONNREFUSED") },
    ]);
    expect(await at(bed.authUrl.replace("/v3", "/nowhere/v3"))).toMatchObject([
      { level: "FAIL", cause: expect.stringContaining("not as Keystone v3") },
    ]);
    expect(await at(bed.authUrl.replace("http:", "https:"))).toMatchObject([{ level: "FAIL" }]);
    expect(await at("keystone")).toMatchObject([{ level: "FAIL", cause: expect.stringContaining("which is no URL") }]);
  });

  it("needs compute in the catalog, of the region that is wanted", async () => {
    expect(await troubleOf({ ...bed.passwordVariables, OS_REGION_NAME: "RegionTwo" })).toMatchObject([
      { level: "FAIL", line: "compute is not in the service catalog (interface public of region RegionTwo)" },
    ]);
    await bed.enableCompute(false);
    try {
      expect(await troubleOf(bed.passwordVariables)).toMatchObject([
        { level: "FAIL", line: expect.stringContaining("compute is not in the service catalog") },
      ]);
    } finally {
      await bed.enableCompute(true);
    }
  });

  it("needs a compute that lists a server", async () => {
    bed.compute.refuseWith = 403;
    expect(await troubleOf(bed.passwordVariables)).toMatchObject([
      { level: "FAIL", line: "compute does not list servers", remedy: expect.stringContaining("role") },
    ]);
    bed.compute.refuseWith = undefined;
    bed.compute.servers = [];
    expect(await troubleOf(bed.passwordVariables)).toMatchObject([{ level: "WARN", line: "compute lists no server" }]);
  });

  it("is skipped where nobody has set anything", async () => {
    expect(await checksOf({ HOME: "/nonexistent" })).toMatchObject([{ level: "SKIP" }]);
  });
});
