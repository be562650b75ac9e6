import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accessOf } from "./access.ts";
import { type Cloud, cloud, cloudOfEnvironment } from "./cloud.ts";

const AUTH = { auth_url: "https://keystone:5000", username: "bacula", password: "pw" };
const of = (value: Cloud) => accessOf(value, "here");

describe("a cloud's login", () => {
  it.each([
    "https://keystone:5000",
    "https://keystone:5000/",
    "https://keystone:5000/v3",
    "https://keystone:5000/v3/",
    "https://keystone:5000/v2.0",
  ])("takes the auth_url %s", (auth_url) => {
    expect(of({ auth: { ...AUTH, auth_url } })).toMatchObject({ access: { authUrl: "https://keystone:5000/v3" } });
  });

  it.each([
    ["no auth_url", { auth: { username: "x" } }, /has no auth_url/u],
    ["an auth_url that is no URL", { auth: { ...AUTH, auth_url: "ldap://x" } }, /which is no URL/u],
    ["no user", { auth: { auth_url: "http://k", password: "pw" } }, /has no username/u],
    ["no password", { auth: { auth_url: "http://k", username: "x" } }, /has no password/u],
    [
      "a credential without its secret",
      { auth: { ...AUTH, application_credential_id: "1" } },
      /has no application_credential_secret/u,
    ],
    ["another way to log in", { auth: AUTH, auth_type: "v3oidcpassword" }, /has auth_type v3oidcpassword/u],
  ])("names what is wrong: %s", (_, value, problem) => {
    expect(of(value)).toMatchObject({ kind: "unusable", problem: expect.stringMatching(problem) });
  });

  it("names a user by id, or within a domain", () => {
    const user = (auth: Cloud["auth"]) => of({ auth: { ...AUTH, ...auth } });
    expect(user({ user_id: "1" })).toMatchObject({ access: { identity: { user: { id: "1" } } } });
    expect(user({})).toMatchObject({ access: { identity: { user: { name: "bacula", domain: { id: "default" } } } } });
    expect(user({ user_domain_name: "Ops" })).toMatchObject({
      access: { identity: { user: { name: "bacula", domain: { name: "Ops" } } } },
    });
  });

  it("takes the OS_* variables as the same keys", () => {
    const env = {
      OS_AUTH_URL: "http://k",
      OS_USERNAME: "bacula",
      OS_PASSWORD: "pw",
      OS_TENANT_NAME: "old",
      OS_INTERFACE: "internalURL",
      OS_INSECURE: "true",
    };
    expect(cloudOfEnvironment({ OS_USERNAME: "x" })).toBeUndefined();
    const access = of(cloudOfEnvironment(env) ?? {});
    expect(access).toMatchObject({
      access: {
        interface: "internal",
        tls: { verify: false },
        identity: { kind: "password", project: { name: "old" } },
      },
    });
  });

  it("takes numbers of YAML for names and passwords", () => {
    expect(cloud.parse({ auth: { ...AUTH, password: 1234 } })).toMatchObject({ auth: { password: "1234" } });
  });

  it("never shows a secret, whatever is printed of it", () => {
    const secret = fc.string({ minLength: 8, unit: fc.constantFrom("s", "e", "c", "7", "_") });
    fc.assert(
      fc.property(secret, fc.boolean(), (text, byCredential) => {
        const auth = byCredential
          ? { auth_url: "http://k", application_credential_id: "1", application_credential_secret: text }
          : { ...AUTH, password: text };
        const access = of({ auth });
        expect(`${JSON.stringify(access)}${inspect(access, { depth: 9 })}`).not.toContain(text);
        expect(JSON.stringify(of({ auth, auth_type: "v3token" }))).not.toContain(text);
      }),
    );
  });
});
