import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLossless, encodeLossless } from "./lossless-text.ts";

describe("lossless text", () => {
  it("gives any bytes back as they were", () => {
    const latin1 = fc.string({ unit: "binary" }).map((text) => Buffer.from(text, "latin1"));
    const any = fc.uint8Array().map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(latin1, any), (bytes) => {
        expect(encodeLossless(decodeLossless(bytes))).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("reads UTF-8 as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(text.isWellFormed());
        expect(decodeLossless(Buffer.from(text))).toBe(text);
      }),
    );
  });

  it("keeps what is around a broken byte readable", () => {
    expect(decodeLossless(Buffer.from("größe caf\xe9 x", "latin1"))).toMatch(/^gr.+e caf. x$/s);
    expect(decodeLossless(Buffer.concat([Buffer.from("größe "), Buffer.of(0xff)]))).toBe("größe \udcff");
  });
});
