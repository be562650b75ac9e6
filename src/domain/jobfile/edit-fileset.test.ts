import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editFileSet } from "./edit-fileset.ts";
import { type FileSetPolicy, fileSetPolicyOf } from "./file-set-policy.ts";
import { parseFileSetFile } from "./parse-fileset-file.ts";
import { renderFileSet } from "./render-fileset.ts";

const UUID = "014c5892-5efb-4efb-bd60-4e038800475d";
const CLIENT = {
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "fd",
  jobPrefix: "p-",
  proxyServer: "proxy-a",
  dedup: "sha256",
  signature: "SHA256",
  plugin: { name: "openstack", selector: "instance", options: "" },
};
type Written = Pick<typeof CLIENT, "proxyServer" | "dedup" | "signature" | "plugin">;
// Only these fields of the client's policy reach a fileset.
const render = (change: Partial<Written> = {}) =>
  renderFileSet({ policy: { ...CLIENT, ...change } as never, slug: "web", uuid: UUID });
const policyOf = (change: Partial<Written> = {}): FileSetPolicy => fileSetPolicyOf({ ...CLIENT, ...change });
const edit = (text: string, from: FileSetPolicy, to: FileSetPolicy) => editFileSet(text, { uuid: UUID, from, to });

describe("a fileset follows a changed policy", () => {
  it.each<[string, Partial<Written>, Partial<Written>]>([
    ["a dedup that the Director does not know goes", {}, { dedup: "none" }],
    ["another dedup", {}, { dedup: "bothsides" }],
    ["a dedup where there was none", { dedup: "" }, { dedup: "storage" }],
    ["another signature", {}, { signature: "MD5" }],
    ["no signature", {}, { signature: "" }],
    ["another proxy", {}, { proxyServer: "proxy-b" }],
    ["all at once", {}, { proxyServer: "b", dedup: "", signature: "SHA1", plugin: { ...CLIENT.plugin, name: "os" } }],
  ])("%s: it reads as a new VM's", (_case, from, to) => {
    expect(edit(render(from), policyOf(from), policyOf(to))).toBe(render(to));
  });

  it("puts options into a block that had none", () => {
    const none = { signature: "", dedup: "" };
    const edited = edit(render(none), policyOf(none), policyOf());
    expect(edited).toContain("  signature = SHA256\n");
    expect(edited.replace(/^ *(signature|dedup).*\n/gm, "")).toBe(render(none));
  });

  it.each<[string, (text: string) => string]>([
    ["a person's dedup", (text) => text.replace("= sha256", "= bothsides")],
    [
      "a second Options block",
      (text) => text.replace("    Options {", "    Options {\n      wildfile = x\n    }\n    Options {"),
    ],
    ["a dedup that stands twice", (text) => text.replace("dedup  ", "dedup = sha256\n      dedup  ")],
  ])("leaves alone: %s", (_case, made) => {
    const text = made(render());
    expect(edit(text, policyOf(), policyOf({ dedup: "none" }))).toBe(text);
  });

  it("keeps quotes, comments and what stands on the same line", () => {
    const text = render().replace("signature = SHA256", 'Signature="sha256"  ; compression = GZIP # mine');
    expect(edit(text, policyOf(), policyOf({ signature: "MD5" }))).toBe(text.replace('"sha256"', '"MD5"'));
  });

  it("refuses a text that is not one FileSet, and values that could mean more than themselves", () => {
    const to = policyOf({ proxyServer: 'x" y' });
    expect(() => edit(render(), policyOf(), to)).toThrow("is not one word");
    const quote = policyOf({ plugin: { ...CLIENT.plugin, options: 'x"' } });
    expect(() => edit(render(), policyOf(), quote)).toThrow("have a quote or backslash");
    expect(() => edit(`${render()}}`, policyOf(), to)).toThrow("of the fileset file");
  });

  const written: fc.Arbitrary<Partial<Written>> = fc.record({
    proxyServer: fc.constantFrom("a", "b"),
    dedup: fc.constantFrom("", "none", "sha256", "bothsides"),
    signature: fc.constantFrom("", "MD5", "SHA256"),
    plugin: fc.record({
      name: fc.constantFrom("openstack", "os"),
      selector: fc.constantFrom("instance", "vm"),
      options: fc.constantFrom("", "v=1", "v=1 w=2"),
    }),
  });
  const handMade = fc.constantFrom(
    '# a comment; with { braces } and Plugin = "x"',
    "      compression = GZIP",
    '      wildfile = "*.tmp" ; onefs = no   # mine',
    "",
    "   ",
  );

  it("changes none of a person's bytes, and comes back to the same file when policy does", () => {
    fc.assert(
      fc.property(written, written, fc.array(fc.tuple(fc.nat(9), handMade), { maxLength: 6 }), (from, to, own) => {
        const lines = render(from).split("\n");
        // Options stand in the Options block, comments and blank lines anywhere.
        const inOptions = () => lines.findIndex((line) => line.trim() === "Options {") + 1;
        for (const [at, line] of own)
          lines.splice(line.includes("=") && !line.startsWith("#") ? inOptions() : at, 0, line);
        const text = lines.join("\n");
        const edited = edit(text, policyOf(from), policyOf(to));
        const ofPerson = (of: string) => of.split("\n").filter((line) => !/^ *(signature|dedup|Plugin) *=/.test(line));
        expect(ofPerson(edited)).toEqual(ofPerson(text));
        expect(edit(text, policyOf(from), policyOf(from))).toBe(text);
        expect(edit(edited, policyOf(from), policyOf(to))).toBe(edited);
        const read = parseFileSetFile(edited);
        expect(read.kind === "read" && read.value.plugins).toEqual(
          [render(to)].flatMap((of) => /Plugin = "(.*)"/.exec(of)?.[1] ?? []),
        );
        const back = edit(edited, policyOf(to), policyOf(from));
        // A line that went and came back is aligned as its neighbour, at the end of its block.
        const meant = (of: string) =>
          of
            .split("\n")
            .map((line) => line.trim().replace(/ +=/, " ="))
            .sort();
        expect(meant(back)).toEqual(meant(text));
      }),
    );
  });
});
