import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesGlob } from "./glob.ts";

describe("globs of allowedJobDefs", () => {
  it.each([
    ["Gold", "Gold", true],
    ["Gold", "gold", false],
    ["GoldPlus", "Gold", false],
    ["GoldPlus", "Gold*", true],
    ["mysql-consistent", "*-consistent", true],
    ["mysql-consistent", "m*q*t", true],
    ["mysql-consistent", "m*q*x", false],
    ["a.b", "a?b", true],
    ["a[b]", "a[b]", true],
    ["", "*", true],
    ["", "", true],
    ["x", "", false],
    ["aaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*c", false],
  ])("%j against %j is %s", (name, glob, expected) => {
    expect(matchesGlob(name, glob)).toBe(expected);
  });

  it("agrees with the regular expression of the same meaning", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (name, glob) => {
        const pattern = glob.replace(/[*?]/g, (mark) => (mark === "*" ? "[^]*" : "[^]"));
        expect(matchesGlob(name, glob)).toBe(new RegExp(`^${pattern}$`).test(name));
      }),
    );
  });
});
