import { describe, expect, it } from "vitest";
import { countTests } from "./test-projects.ts";

function file(status: string, ...tests: string[]): object {
  return { status, assertionResults: tests.map((test) => ({ status: test })) };
}

describe("countTests", () => {
  it.each([
    ["all well", true, true, [file("passed", "passed", "passed"), file("passed", "passed")], { passed: 3, failed: 0 }],
    ["one failed", false, false, [file("failed", "passed", "failed")], { passed: 1, failed: 1 }],
    ["a skipped test is no success", true, true, [file("passed", "passed", "skipped")], { passed: 1, failed: 1 }],
    ["tests behind a failed beforeAll", false, false, [file("failed", "pending", "pending")], { passed: 0, failed: 2 }],
    ["a file that does not load", false, false, [file("failed"), file("passed", "passed")], { passed: 1, failed: 1 }],
    ["an afterAll that fails", false, false, [file("failed", "passed")], { passed: 1, failed: 1 }],
    ["an error outside the tests", true, false, [file("passed", "passed")], { passed: 1, failed: 1 }],
  ])("%s", (_, success, exitedWell, testResults, expected) => {
    expect(countTests(JSON.stringify({ success, testResults }), exitedWell)).toEqual(expected);
  });

  it("counts a run without a report as one failure", () => {
    expect(countTests(undefined, true)).toEqual({ passed: 0, failed: 1 });
  });
});
