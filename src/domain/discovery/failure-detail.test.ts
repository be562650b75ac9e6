import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureDetail } from "./failure-detail.ts";

describe("the detail of a failure", () => {
  it.each([
    ["two\r\nlines", "two lines"],
    ["bidi \u202e trick \u001b[31m", "bidi trick [31m"],
    ["24-Nov 06:05 test-dir: ERROR", "<time> test-dir: ERROR"],
    ["24-Nov-2026 06:05:12 x", "<time> x"],
    ["at 2026-11-24T06:05:12.123Z x", "at <time> x"],
    ['line 5 : Password = "a b" and more', "line 5 : Password = <hidden> and more"],
    ["on 127.0.0.1:19199. ERR=Connection refused", "on 127.0.0.1:19199. ERR=Connection refused"],
  ])("shows %j as %j", (text, detail) => {
    expect(failureDetail(text)).toBe(detail);
  });

  it("is one bounded, well-formed line for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (text) => {
        const detail = failureDetail(text);
        expect(detail.length).toBeLessThanOrEqual(300);
        expect(detail.isWellFormed()).toBe(true);
        expect(detail).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
