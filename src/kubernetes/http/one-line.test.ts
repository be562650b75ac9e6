import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oneLine } from "./one-line.ts";

describe("text for one line", () => {
  it.each([
    ["plain", "plain"],
    ["  a\n\tb\r\nc  ", "a b c"],
    ["a\u0000\u001b[31mb\u2028c\u202e", "a [31mb c"],
    ["\ud800x", "\ufffdx"],
    ["", ""],
  ])("%j is %j", (text, line) => {
    expect(oneLine(text, 100)).toBe(line);
  });

  it("is cut between characters", () => {
    expect(oneLine("aüüüü", 7)).toBe("aü...");
    expect(oneLine("aüüü", 7)).toBe("aüüü");
  });

  it("fits, is one line, and is the text itself where that fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 3, max: 40 }), (text, maxBytes) => {
        const line = oneLine(text, maxBytes);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(line.isWellFormed()).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.stringMatching(/^[a-z]{0,20}$/), (text) => oneLine(text, 20) === text));
  });
});
