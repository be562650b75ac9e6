import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeOpenStack, type OpenStackLogin } from "./judge-open-stack.ts";

const DAY_MS = 24 * 3600 * 1000;
const NOW = Date.parse("2026-11-24T12:00:00Z");
const LOGIN: OpenStackLogin = {
  authUrl: "https://keystone:5000/v3",
  method: "applicationCredential",
  nowMs: NOW,
  tokenExpiresAtMs: NOW + 3_600_000,
  project: "backup",
  services: ["compute", "identity"],
  computeUrl: "https://nova:8774/v2.1",
  wanted: { interface: "public" },
};
const troubleOf = (login: Partial<OpenStackLogin>) =>
  judgeOpenStack({
    kind: "loggedIn",
    source: "OS_* variables",
    login: { ...LOGIN, ...login },
    servers: { kind: "listed", isEmpty: false },
  }).filter(({ level }) => level !== "OK");

describe("OpenStack credentials as preflight judges them", () => {
  it("are well when they log in and list a server", () => {
    expect(troubleOf({})).toEqual([]);
  });

  it("are warned of in the last 30 days, and only then", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * DAY_MS }),
        fc.constantFrom("passwordExpiresAtMs", "credentialExpiresAtMs"),
        (leftMs, key) => {
          const trouble = troubleOf({ [key]: NOW + leftMs });
          expect(trouble.map(({ level }) => level)).toEqual(leftMs < 30 * DAY_MS ? ["WARN"] : []);
        },
      ),
    );
  });

  it.each([
    ["a token that is short", { tokenExpiresAtMs: NOW + 60_000 }, "WARN", /less than 10 minutes/u],
    ["no compute", { computeUrl: undefined, services: ["identity"] }, "FAIL", /not in the service catalog/u],
    ["no project", { computeUrl: undefined, services: [], project: undefined }, "FAIL", /not in the service catalog/u],
  ] as const)("tell %s", (_, login, level, line) => {
    expect(troubleOf(login)).toEqual([expect.objectContaining({ level, line: expect.stringMatching(line) })]);
  });

  it("say what to do for each way to fail", () => {
    for (const reason of ["Unreachable", "TlsFailed", "Unauthorized", "Refused", "NotOpenStack"] as const) {
      const [check] = judgeOpenStack({ kind: "noLogin", authUrl: "u", source: "clouds.yaml", reason, detail: "d" });
      expect(check).toMatchObject({ level: "FAIL", cause: "d", remedy: expect.stringContaining("clouds.yaml") });
    }
  });
});
