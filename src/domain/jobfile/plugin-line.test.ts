import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileSetPolicy, PluginLinePolicy } from "./file-set-policy.ts";
import { changedPluginLine, renderPluginLine } from "./plugin-line.ts";

const UUID = "014c5892-5efb-4efb-bd60-4e038800475d";
const A: PluginLinePolicy = { name: "openstack", proxyServer: "proxy-a", selector: "instance", options: "" };
const policy = (plugin: PluginLinePolicy): FileSetPolicy => ({ signature: "SHA256", dedup: "", plugin });
const changed = (lines: readonly string[], from: PluginLinePolicy, to: PluginLinePolicy) =>
  changedPluginLine(lines, { uuid: UUID, from: policy(from), to: policy(to) });

const rendered = `openstack: proxy_server=proxy-a instance=${UUID}`;

describe("a Plugin line follows the parts of policy that changed", () => {
  it.each<[string, string, Partial<PluginLinePolicy>, Partial<PluginLinePolicy>, string]>([
    ["the proxy", rendered, {}, { proxyServer: "b" }, `openstack: proxy_server=b instance=${UUID}`],
    ["the plugin's name", rendered, {}, { name: "os" }, `os: proxy_server=proxy-a instance=${UUID}`],
    ["the selector", rendered, {}, { selector: "vm" }, `openstack: proxy_server=proxy-a vm=${UUID}`],
    ["options that there were none of", rendered, {}, { options: "v=1 w=2" }, `${rendered} v=1 w=2`],
    ["other options", `${rendered} v=1`, { options: "v=1" }, { options: "v=2 w" }, `${rendered} v=2 w`],
    ["options that there are none of", `${rendered} v=1 w`, { options: "v=1 w" }, {}, rendered],
    [
      "options in front of the others",
      `openstack: v=1 proxy_server=proxy-a instance=${UUID}`,
      { options: "v=1" },
      {},
      `openstack: proxy_server=proxy-a instance=${UUID}`,
    ],
    [
      "in a form of its own, which stays",
      ` openstack :  instance=${UUID.toUpperCase()}\tproxy_server=proxy-a `,
      {},
      { proxyServer: "b", options: "v=1" },
      ` openstack :  instance=${UUID.toUpperCase()}\tproxy_server=b v=1 `,
    ],
    [
      "beside a person's word, which stays",
      `${rendered} debug=9`,
      {},
      { proxyServer: "b", options: "v=1" },
      `openstack: proxy_server=b instance=${UUID} debug=9`,
    ],
  ])("%s", (_case, line, from, to, expected) => {
    expect(changed([line], { ...A, ...from }, { ...A, ...to })).toEqual({ index: 0, line: expected });
  });

  it.each<[string, readonly string[], Partial<PluginLinePolicy>]>([
    ["a proxy that a person chose", [rendered.replace("proxy-a", "mine")], { proxyServer: "b" }],
    ["a proxy that is named twice", [`${rendered} proxy_server=proxy-a`], { proxyServer: "b" }],
    ["another plugin", [rendered.replace("openstack", "mine")], { name: "os" }],
    ["options with a person's word among them", [`${rendered} v=1`], { options: "w=1" }],
    ["a line that selects another VM", [rendered.replace("014c", "114c")], { proxyServer: "b" }],
    ["a line that selects twice", [`${rendered} instance=${UUID}`], { proxyServer: "b" }],
    ["two lines that select the VM", [rendered, rendered], { proxyServer: "b" }],
    ["no line", [], { proxyServer: "b" }],
    ["a line without a plugin", ["proxy_server=proxy-a"], { proxyServer: "b" }],
  ])("but leaves alone: %s", (_case, lines, to) => {
    expect(changed(lines, A, { ...A, ...to })).toBeUndefined();
  });

  it("is found among a person's other lines", () => {
    const to = { ...A, proxyServer: "b" };
    expect(changed(["mysql: x", rendered], A, to)).toEqual({ index: 1, line: renderPluginLine(to, UUID) });
  });

  const word = fc.constantFrom("a", "b-1", "proxy");
  const plugin: fc.Arbitrary<PluginLinePolicy> = fc.record({
    name: word,
    proxyServer: word,
    selector: fc.constantFrom("instance", "vm"),
    options: fc.constantFrom("", "v=1", "v=1 w=2"),
  });

  it("becomes what a new VM gets, from what the old policy wrote, and is done then", () => {
    fc.assert(
      fc.property(plugin, plugin, (from, to) => {
        const before = renderPluginLine(from, UUID);
        const after = changed([before], from, to)?.line ?? before;
        expect(after).toBe(renderPluginLine(to, UUID));
        expect(changed([after], from, to)).toBeUndefined();
      }),
    );
  });

  it("never loses the uuid, nor a word that policy did not write, whatever a person made of it", () => {
    const piece = fc.constantFrom(
      "v=1",
      "w=2",
      "x",
      "proxy_server=a",
      "proxy_server=mine",
      `instance=${UUID}`,
      `vm=${UUID}`,
    );
    const line = fc.tuple(word, fc.array(fc.tuple(piece, fc.constantFrom(" ", "  ", "\t")), { maxLength: 8 }));
    fc.assert(
      fc.property(line, plugin, plugin, ([name, pieces], from, to) => {
        const before = `${name}: ${pieces.map(([text, gap]) => text + gap).join("")}`;
        const after = changed([before], from, to)?.line ?? before;
        const wordsOf = (text: string) => text.split(/[ \t]+/).filter((one) => one !== "");
        expect(after.split(UUID).length).toBe(before.split(UUID).length);
        const policys = new Set([`${from.name}:`, `proxy_server=${from.proxyServer}`, `${from.selector}=${UUID}`]);
        for (const own of wordsOf(before)) {
          if (policys.has(own) || from.options.split(" ").includes(own)) continue;
          expect(wordsOf(after)).toContain(own);
        }
        expect(changed([before], from, from)).toBeUndefined();
      }),
    );
  });
});
