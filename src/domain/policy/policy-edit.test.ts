import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { POLICY_DIRECTIVES } from "../jobfile/job-file.ts";
import type { DesiredDirectives } from "./desired-directives.ts";
import { policyEdit } from "./policy-edit.ts";

const file = { name: "backup-web01", jobDefs: "DefaultJob", pool: "Default", storage: "File1" };

describe("hand edits win over defaults (spec section 3)", () => {
  it("edits what policy changed and the file still has from before", () => {
    const applied = { jobDefs: "DefaultJob", pool: "Default", storage: "File1" };
    expect(policyEdit(applied, { ...applied, pool: "Gold" }, file)).toEqual({ directives: { pool: "Gold" }, kept: [] });
    expect(policyEdit(applied, { jobDefs: "DefaultJob", storage: "File1" }, file)).toEqual({
      directives: { pool: null },
      kept: [],
    });
  });
  it("keeps a value that was never policy's", () => {
    const applied = { jobDefs: "DefaultJob", pool: "Silver", storage: "File1" };
    expect(policyEdit(applied, { ...applied, pool: "Gold" }, file)).toEqual({ kept: ["pool"] });
  });
  it("lets an adopted file stand", () => {
    expect(policyEdit(undefined, { jobDefs: "Gold", pool: "Gold" }, file)).toEqual({
      kept: ["jobDefs", "storage", "pool"],
    });
  });

  it("never edits a directive that policy did not change, and converges in one step", () => {
    const value = fc.option(fc.constantFrom("A", "B", "C"), { nil: undefined });
    const directives: fc.Arbitrary<DesiredDirectives> = fc.record({
      jobDefs: value,
      storage: value,
      pool: value,
      schedule: value,
      messages: value,
    });
    fc.assert(
      fc.property(directives, directives, directives, (applied, desired, present) => {
        const edit = policyEdit(applied, desired, { name: "j", ...present });
        for (const directive of POLICY_DIRECTIVES) {
          const wanted = edit.directives?.[directive];
          if (wanted === undefined) continue;
          expect(applied[directive]).not.toBe(desired[directive]);
          expect(present[directive]).toBe(applied[directive]);
          expect(wanted).toBe(desired[directive] ?? null);
        }
        const after = { ...present };
        for (const directive of POLICY_DIRECTIVES) {
          const wanted = edit.directives?.[directive];
          if (wanted !== undefined) after[directive] = wanted ?? undefined;
        }
        expect(policyEdit(desired, desired, { name: "j", ...after }).directives).toBeUndefined();
      }),
    );
  });
});
