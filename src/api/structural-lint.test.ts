import { describe, expect, it } from "vitest";
import { z } from "zod";
import { customResourceDefinitions } from "./crd.ts";
import { lintSchema } from "./structural-lint.ts";
import { structuralSchema, toStructuralSchema } from "./structural-schema.ts";

const described = { description: "d" };

describe("the schemas of our CRDs", () => {
  it.each(customResourceDefinitions().map((crd) => [crd.spec.names.kind, crd] as const))(
    "%s is structural",
    (_kind, crd) => {
      const faults = crd.spec.versions.flatMap(({ schema }) => lintSchema(schema.openAPIV3Schema, ""));
      expect(faults).toEqual([]);
    },
  );
});

describe("the linter sees", () => {
  it.each([
    ["no type", { ...described }, "has no type"],
    ["no description", { type: "boolean" }, "has no description"],
    ["a default", { ...described, type: "boolean", default: true }, "has a default"],
    ["a text without end", { ...described, type: "string" }, "has no maxLength"],
    [
      "a list without end",
      { ...described, type: "array", items: { ...described, type: "boolean" } },
      "has no maxItems",
    ],
    ["a list of anything", { ...described, type: "array", maxItems: 1 }, "has no items"],
    ["an object of anything", { ...described, type: "object" }, "has no properties"],
    ["a lookahead", { ...described, type: "string", maxLength: 1, pattern: "^(?!a)" }, "RE2"],
    ["a lookbehind", { ...described, type: "string", maxLength: 1, pattern: "(?<=a)b" }, "RE2"],
    ["a back reference", { ...described, type: "string", maxLength: 1, pattern: "(a)\\1" }, "RE2"],
    ["an unchecked format", { ...described, type: "string", maxLength: 1, format: "duration" }, "format duration"],
    ["a union", { ...described, type: "object", properties: {}, oneOf: [{ type: "string" }] }, "has oneOf"],
    ["a closed object", { ...described, type: "object", properties: {}, additionalProperties: false }, "forbids"],
    ["a reference", { ...described, type: "object", properties: {}, $ref: "#/x" }, "refers to"],
    ["a number without a bound", { ...described, type: "number" }, "has no minimum"],
  ])("%s", (_what, schema, expected) => {
    expect(lintSchema(structuralSchema.parse(schema), "spec")).toEqual([expect.stringContaining(expected)]);
    expect(lintSchema(structuralSchema.parse(schema), "spec")[0]).toMatch(/^spec: /u);
  });

  it("faults deep inside, by their path", () => {
    const inner = { type: "object", properties: { b: { type: "array", maxItems: 1, items: { type: "boolean" } } } };
    const schema = structuralSchema.parse({ ...described, type: "object", properties: { a: inner } });
    expect(lintSchema(schema, "spec")).toEqual([
      "spec.a: has no description",
      "spec.a.b: has no description",
      "spec.a.b[]: has no description",
    ]);
  });
});

describe("zod forms without a structural form", () => {
  it.each([
    [
      "a union of objects",
      z.discriminatedUnion("k", [z.object({ k: z.literal("a") }), z.object({ k: z.literal("b") })]),
    ],
    ["a tuple", z.tuple([z.string(), z.int()])],
    ["anything", z.unknown()],
    ["a default", z.boolean().default(true)],
  ])("%s is refused, not bent", (_what, schema) => {
    expect(lintSchema(toStructuralSchema(z.object({ field: schema.describe("d") }).describe("d")), "")).not.toEqual([]);
  });
  it("a transform throws", () => {
    expect(() => toStructuralSchema(z.object({ at: z.date() }))).toThrow("Date");
  });
});
