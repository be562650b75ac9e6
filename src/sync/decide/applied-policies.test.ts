import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameApplied, readAppliedPolicies, toAppliedDocument } from "./applied-policies.ts";

const text = fc.option(fc.string({ maxLength: 8 }), { nil: undefined });
const policy = fc
  .record({ jobDefs: text, storage: text, pool: text, schedule: text, messages: text })
  .map((directives) => Object.fromEntries(Object.entries(directives).filter(([, value]) => value !== undefined)));
const applied = fc.record({
  policyKey: fc.string(),
  frontEnd: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  vms: fc.array(fc.tuple(fc.uuid(), policy)).map((entries) => new Map(entries)),
});

describe("the last applied policies in the state folder", () => {
  it("come back as they were, through JSON", () => {
    fc.assert(
      fc.property(applied, (policies) => {
        const stored: unknown = JSON.parse(JSON.stringify(toAppliedDocument(policies)));
        const read = readAppliedPolicies(stored);
        expect(read.policyKey).toBe(policies.policyKey);
        expect(read.frontEnd).toBe(policies.frontEnd);
        expect(new Map(read.vms)).toEqual(policies.vms);
      }),
    );
  });
  it("are the same document whatever the order of the VMs", () => {
    fc.assert(
      fc.property(applied, (policies) => {
        const reversed = { ...policies, vms: new Map([...policies.vms].reverse()) };
        expect(toAppliedDocument(reversed)).toEqual(toAppliedDocument(policies));
        expect(isSameApplied(reversed, policies)).toBe(true);
        expect(isSameApplied({ ...policies, frontEnd: `not ${policies.frontEnd}` }, policies)).toBe(false);
      }),
    );
  });
  it("count as lost when the document is lost, damaged or of another version", () => {
    for (const state of [
      undefined,
      null,
      7,
      {},
      { version: 2, policyKey: "x", policies: [], vms: {} },
      { version: 1, policyKey: "x", policies: [], vms: { u: -1 } },
    ]) {
      expect(readAppliedPolicies(state)).toEqual({ policyKey: "", vms: new Map() });
    }
  });
});
