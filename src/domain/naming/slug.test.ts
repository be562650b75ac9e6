import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slugOf } from "./slug.ts";

describe("a slug", () => {
  it.each([
    ["a plain name stays", "Web-01.a:b_c", "Web-01.a:b_c"],
    ["blanks", "web server 1", "web_server_1"],
    ["other letters, one for one", "Größe🐘", "Gr__e_"],
    ["half a character", "a\ud800b", "a_b"],
    ["a path", "../../etc", "_._.._etc"],
    ["no name", "", "_"],
    ["a dot", ".", "_"],
    ["two dots", "..", "_."],
    ["hidden", ".hidden", "_hidden"],
    ["an option", "-rf", "_rf"],
    ["many dashes", "--x", "_-x"],
    ["a file of ours", "published.conf", "_published.conf"],
    ["a file of ours in any case", "Jobs.TSV", "_Jobs.TSV"],
    ["a line break", "a\nJob {", "a_Job__"],
  ])("%s", (_what, name, text) => {
    expect(slugOf(name, 50)).toStrictEqual({ text, changed: text !== name });
  });

  it("is cut, and no cut makes a reserved name", () => {
    expect(slugOf("rocky9-instance1", 6)).toStrictEqual({ text: "rocky9", changed: true });
    expect(slugOf("jobs.tsv-of-alice", 8)).toStrictEqual({ text: "_jobs.ts", changed: true });
    expect(slugOf("published.config", 14)).toStrictEqual({ text: "_published.con", changed: true });
  });

  it("is allowed, bounded and never empty for any name, and stays when it is made again", () => {
    const names = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(".", "..", "published.conf", "PUBLISHED.CONF", "jobs.tsv", "jobs.tsvx", "include.conf"),
    );
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 90 }), (name, maxLength) => {
        const { text, changed } = slugOf(name, maxLength);
        expect(text).toMatch(/^[A-Za-z0-9:_][A-Za-z0-9:._-]*$/);
        expect(text.length).toBeLessThanOrEqual(maxLength);
        expect(["published.conf", "jobs.tsv"]).not.toContain(text.toLowerCase());
        expect(changed).toBe(text !== name);
        expect(slugOf(text, maxLength)).toStrictEqual({ text, changed: false });
      }),
    );
  });
});
