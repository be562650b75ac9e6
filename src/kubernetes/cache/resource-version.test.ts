import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions } from "./resource-version.ts";

describe("order of resource versions", () => {
  it("is the order of the numbers, of any length", () => {
    const version = fc.bigInt({ min: 0n, max: 2n ** 70n });
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(compareVersions(String(a), String(b))).toBe(a === b ? 0 : a > b ? 1 : -1);
      }),
    );
  });

  it.each([
    ["", "5"],
    ["5", ""],
    ["05", "6"],
    ["abc", "abd"],
    ["1e3", "5"],
    ["-1", "5"],
  ])("is unknown for %j and %j", (a, b) => {
    expect(compareVersions(a, b)).toBeUndefined();
  });

  it("knows equal ones of any form", () => {
    expect(compareVersions("abc", "abc")).toBe(0);
  });
});
