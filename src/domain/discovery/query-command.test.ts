import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueryValueError, queryCommand } from "./query-command.ts";

const policy = {
  client: "bacula-dc1-os1-fd",
  proxyServer: "dc1-os1-proxy",
  plugin: { name: "openstack", selector: "instance", options: "verbose=1" },
};

describe("the .query line of a client", () => {
  it("is the white paper's, with the client quoted", () => {
    expect(queryCommand(policy)).toBe(
      '.query plugin="openstack: proxy_server=dc1-os1-proxy" client="bacula-dc1-os1-fd" parameter=server',
    );
  });

  it.each([
    ["client", { client: 'a" @exec' }],
    ["client", { client: "a\n@exec" }],
    ["client", { client: "" }],
    ["client", { client: " a" }],
    ["client", { client: "é" }],
    ["client", { client: "a".repeat(128) }],
    ["proxyServer", { proxyServer: 'p" client="other' }],
    ["proxyServer", { proxyServer: "p other=1" }],
    ["proxyServer", { proxyServer: "p\r" }],
    ["proxyServer", { proxyServer: "" }],
    ["proxyServer", { proxyServer: "../p" }],
    ["plugin name", { plugin: { ...policy.plugin, name: "open stack" } }],
    ["plugin name", { plugin: { ...policy.plugin, name: "" } }],
  ])("refuses a %s that is %j, naming both and what is allowed", (field, change) => {
    expect(() => queryCommand({ ...policy, ...change })).toThrow(
      expect.objectContaining({
        code: "QUERY_VALUE_NOT_ALLOWED",
        field,
        message: expect.stringContaining(`${field} is `),
      }),
    );
  });

  it("accepts a client name with a blank, as Bacula does", () => {
    expect(queryCommand({ ...policy, client: "proxy one-fd" })).toContain('client="proxy one-fd"');
  });

  it("is one line of plain characters, or is refused", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom("a", ":", ".", "-", " ") }),
    );
    fc.assert(
      fc.property(anything, anything, anything, (client, proxyServer, name) => {
        const outcome = attempt(() => queryCommand({ client, proxyServer, plugin: { ...policy.plugin, name } }));
        expect(outcome).toSatisfy((it) => it instanceof QueryValueError || (typeof it === "string" && SAFE.test(it)));
      }),
    );
  });
});

const SAFE =
  /^\.query plugin="[A-Za-z0-9_-]+: proxy_server=[A-Za-z0-9:._-]+" client="[A-Za-z0-9:._ -]+" parameter=server$/;

function attempt(work: () => string): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
