import { describe, expect, it } from "vitest";
import { frontEndOf, lastTakeOver, takeOverWish } from "./take-over.ts";

const CLIENT = "bacula-dc1-os1-fd";
const record = (takeOver?: string, shown?: string) => ({
  takeOver,
  status: shown === undefined ? {} : { lastTakeOver: shown },
});

describe("the operator as a front end", () => {
  it("is known by its OpenStackClient, not by its pod", () => {
    expect(frontEndOf({ namespace: "bacula", name: "dc1-os1" })).toBe("operator bacula/dc1-os1");
  });
});

describe("the annotation take-over", () => {
  it.each([
    ["is not there", record(), { kind: "none" }],
    ["names the client", record(CLIENT), { kind: "wanted" }],
    ["names the client, and another value was used", record(CLIENT, "old"), { kind: "wanted" }],
    ["names something else", record("true"), { kind: "ignored", value: "true" }],
    ["was used by an operator before this one", record(CLIENT, CLIENT), { kind: "none" }],
  ])("%s", (_case, seen, wish) => {
    expect(takeOverWish(seen, CLIENT, {})).toEqual(wish);
  });

  it("is used once while it stays on the object, also after a restart", () => {
    const memory = {};
    expect(takeOverWish(record(CLIENT), CLIENT, memory)).toEqual({ kind: "wanted" });
    Object.assign(memory, { lastTakeOver: CLIENT });
    expect(lastTakeOver(record(CLIENT), memory)).toBe(CLIENT);
    expect(takeOverWish(record(CLIENT), CLIENT, memory)).toEqual({ kind: "none" });
    expect(takeOverWish(record(CLIENT, CLIENT), CLIENT, {})).toEqual({ kind: "none" });
  });

  it.each([undefined, "something else"])(
    "counts again after it was %j, also before a status was written",
    (between) => {
      const memory = { lastTakeOver: CLIENT };
      takeOverWish(record(between, CLIENT), CLIENT, memory);
      expect(lastTakeOver(record(between, CLIENT), memory)).toBeUndefined();
      expect(takeOverWish(record(CLIENT, CLIENT), CLIENT, memory)).toEqual({ kind: "wanted" });
    },
  );
});
