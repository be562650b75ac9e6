import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prefixBounds } from "./job-names.ts";

describe("bounds of a prefix, by bytes", () => {
  it.each([
    ["ends in a common character", "782d", "782e"],
    ["ends in the last printable character", "787e", "787f"],
    ["ends in 0xff", "78ff", "79"],
    ["ends in several 0xff", "7801ffff", "7802"],
    ["only 0xff has no end", "ffff", undefined],
    ["the empty prefix has no end", "", undefined],
  ])("%s", (_, prefix, before) => {
    const bounds = prefixBounds(Buffer.from(prefix, "hex"));
    expect(bounds.before?.toString("hex")).toBe(before);
  });

  it("hold exactly the names that begin with the prefix", () => {
    const bytes = fc.uint8Array({ maxLength: 6 });
    // Alphabets of two bytes make names near the bounds likely.
    const near = fc
      .array(fc.constantFrom(0x61, 0x7e, 0xfe, 0xff), { maxLength: 6 })
      .map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(fc.oneof(bytes, near), fc.oneof(bytes, near), (prefix, name) => {
        const { from, before } = prefixBounds(prefix);
        const isInside =
          Buffer.compare(Buffer.from(name), from) >= 0 &&
          (before === undefined || Buffer.compare(Buffer.from(name), before) < 0);
        const begins = Buffer.from(name).subarray(0, prefix.length).equals(Buffer.from(prefix));
        expect(isInside).toBe(begins);
      }),
      { numRuns: 2000 },
    );
  });
});
