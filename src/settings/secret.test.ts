import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "./secret.ts";

describe("a secret", () => {
  const secret = new Secret("hunter2");
  it.each([
    ["JSON", JSON.stringify({ secret })],
    ["inspect", inspect({ secret }, { showHidden: true, depth: 9 })],
    ["format", format("%s %o %j %O", secret, secret, secret, secret)],
    ["a template", `${secret.toString()}`],
    ["a copy of its fields", JSON.stringify(Object.assign({}, secret))],
  ])("does not show in %s", (_where, shown) => {
    expect(shown).not.toContain("hunter2");
  });
  it("is given on demand", () => {
    expect(secret.reveal()).toBe("hunter2");
  });
});
