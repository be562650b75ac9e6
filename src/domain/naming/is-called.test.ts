import { describe, expect, it } from "vitest";
import { isCalled } from "./is-called.ts";

const web = { uuid: "014c5892-5efb-4efb-bd60-4e038800475d", name: "web\n01", job: "backup-dc1-os1-web_01" };

describe("a person's word for a VM", () => {
  it.each([
    ["014C5892-5EFB-4EFB-BD60-4E038800475D", true],
    ["web 01", true],
    ["backup-dc1-os1-web_01", true],
    ["web", false],
    ["WEB 01", false],
    ["014c5892", false],
    ["", false],
    [" ", false],
  ])("%j: %j", (word, expected) => {
    expect(isCalled(web, word)).toBe(expected);
  });

  it("is no name of a VM without one", () => {
    expect(isCalled({ uuid: web.uuid, name: "" }, "")).toBe(false);
  });
});
