import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fail, ok, skip, warn } from "./check.ts";
import { countChecks, sectionText, summaryText } from "./report.ts";

describe("the report of preflight", () => {
  it("has a line for each check, and cause and remedy below what is wrong", () => {
    const checks = [ok("here"), skip("not looked at"), fail("bconsole not found", "no file", "set BCONSOLE")];
    expect(sectionText({ section: "bconsole", checks })).toBe(
      "bconsole\n  OK    here\n  SKIP  not looked at\n  FAIL  bconsole not found\n        cause: no file\n        remedy: set BCONSOLE\n",
    );
  });

  it("sums up", () => {
    const sections = [
      { section: "BASE_DIR", checks: [ok("a"), warn("b", "c", "d"), skip("e")] },
      { section: "Binary", checks: [ok("a"), fail("b", "c", "d")] },
    ] as const;
    expect(summaryText(countChecks(sections))).toBe("Summary: 2 OK, 1 WARN, 1 FAIL, 1 skipped\n");
  });

  it("lets no foreign text forge a line", () => {
    const hostile = fc.string({ unit: fc.constantFrom("\n", "\r", "\u2028", "\u001b", "a", " ", "F") });
    fc.assert(
      fc.property(hostile, hostile, hostile, (line, cause, remedy) => {
        const text = sectionText({ section: "Binary", checks: [fail(line, cause, remedy)] });
        expect(text.split(/[\n\r\u2028]/u)).toHaveLength(5);
      }),
    );
  });
});
