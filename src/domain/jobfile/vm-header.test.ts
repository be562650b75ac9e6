import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { vmHeader } from "./vm-header.ts";

describe("a VM's name in its header", () => {
  it.each([
    ["a plain name", "rocky9-instance1", "rocky9-instance1"],
    ["any script", "Größe 数据库 🐘", "Größe 数据库 🐘"],
    ["a CR, which would end the comment", "evil\rJob {", "evil Job {"],
    ["all line ends", "a\nb\u0085c\u2028d\u2029e", "a b c d e"],
    ["NUL and escape", "a\u0000b\u001b[31m", "a b [31m"],
    ["direction marks", "a\u202eb", "a b"],
    ["blanks at the ends", " \t a \u00a0", "a"],
    ["half a character", "a\ud800b", "a\ufffdb"],
    ["a long name", "x".repeat(300), "x".repeat(255)],
    ["a cut behind a blank", `${"x".repeat(254)} y`, "x".repeat(254)],
    ["no name", "", ""],
  ])("%s", (_what, name, expected) => {
    expect(vmHeader(name)).toBe(expected);
  });

  it("is one line of at most 255 characters, and stays as it is when it is made again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (name) => {
        const header = vmHeader(name);
        expect(header).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(Array.from(header).length).toBeLessThanOrEqual(255);
        expect(header.isWellFormed()).toBe(true);
        expect(vmHeader(header)).toBe(header);
      }),
    );
  });
});
