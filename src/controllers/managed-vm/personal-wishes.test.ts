import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PERSONAL, type Personal } from "../../domain/jobfile/personal-headers.ts";
import { personalChange } from "./personal-wishes.ts";

describe("a person's fields of a ManagedVM", () => {
  it.each([
    [
      "a changed spec goes to the headers",
      { personal: { hold: "legal" }, generation: 2, observedGeneration: 1 },
      {},
      { hold: "legal" },
    ],
    [
      "a field taken away takes the header away",
      { personal: {}, generation: 2, observedGeneration: 1 },
      { hold: "legal" },
      { hold: null },
    ],
    [
      "headers changed without Kubernetes win over a spec that was seen",
      { personal: {}, generation: 2, observedGeneration: 2 },
      { hold: "legal" },
      undefined,
    ],
    [
      "an object made anew takes nothing away",
      { personal: {}, generation: 1 },
      { hold: "legal", suspend: "move" },
      undefined,
    ],
    [
      "an object made by a person can add",
      { personal: { jobDefs: "Gold" }, generation: 1 },
      { hold: "legal" },
      { jobDefs: "Gold" },
    ],
    [
      "equal words are no news",
      { personal: { hold: "legal" }, generation: 2, observedGeneration: 1 },
      { hold: "legal" },
      undefined,
    ],
  ])("%s", (_case, spec, headers, expected) => {
    expect(personalChange(spec, headers)).toEqual(expected);
  });

  it("applied once, a change is settled", () => {
    const word = fc.option(fc.constantFrom("a", "b"), { nil: undefined });
    const personal: fc.Arbitrary<Personal> = fc.record({ jobDefs: word, hold: word, suspend: word });
    const generation = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(
        personal,
        personal,
        generation,
        fc.option(generation, { nil: undefined }),
        (wish, headers, now, observed) => {
          const spec = { personal: wish, generation: now, observedGeneration: observed };
          const change = personalChange(spec, headers) ?? {};
          const after: Personal = Object.fromEntries(
            PERSONAL.map((field) => [
              field,
              change[field] === undefined ? headers[field] : (change[field] ?? undefined),
            ]),
          );
          expect(personalChange(spec, after)).toBeUndefined();
        },
      ),
    );
  });
});
