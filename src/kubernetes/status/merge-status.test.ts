import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DesiredCondition, isSameJson, mergeStatus } from "./merge-status.ts";

const now = "2026-01-02T03:04:05Z";
const before = "2025-01-01T00:00:00Z";
const ready = (change: Partial<DesiredCondition> = {}): DesiredCondition => ({
  type: "Ready",
  status: "True",
  reason: "Synced",
  message: "all well",
  ...change,
});
const held = { conditions: [{ ...ready(), lastTransitionTime: before }], counts: { live: 3 } };

describe("merging a status", () => {
  it.each([
    { name: "the same", desired: { conditions: [ready()], counts: { live: 3 } } },
    { name: "the same with absent fields", desired: { conditions: [ready()], counts: { live: 3 }, plan: undefined } },
    {
      name: "the same with absent fields inside",
      desired: { conditions: [ready({ observedGeneration: undefined })], counts: { live: 3, held: undefined } },
    },
  ])("$name: nothing is written", ({ desired }) => {
    expect(mergeStatus(held, desired, now)).toEqual({ kind: "same" });
  });

  it.each([
    { name: "a turned condition", change: { status: "False" } as const, since: now },
    { name: "another reason", change: { reason: "Adopted" }, since: before },
    { name: "another message", change: { message: "well" }, since: before },
    { name: "another generation", change: { observedGeneration: 2 }, since: before },
  ])("$name: transition time $since", ({ change, since }) => {
    const merged = mergeStatus(held, { conditions: [ready(change)], counts: { live: 3 } }, now);
    expect(merged).toEqual({
      kind: "changed",
      status: { conditions: [{ ...ready(change), lastTransitionTime: since }], counts: { live: 3 } },
    });
  });

  it("gives a new condition, and one without a time, the time of now", () => {
    const desired = { conditions: [ready(), ready({ type: "Stalled" })] };
    const merged = mergeStatus({ conditions: [ready()] }, desired, now);
    expect(merged).toMatchObject({
      status: { conditions: [{ lastTransitionTime: now }, { type: "Stalled", lastTransitionTime: now }] },
    });
  });

  it("does not care for the order of conditions, but for that of other arrays", () => {
    const two = { conditions: [ready(), ready({ type: "Stalled" })], names: ["a", "b"] };
    const written = mergeStatus(undefined, two, now);
    const status = written.kind === "changed" ? written.status : {};
    expect(mergeStatus(status, { ...two, conditions: two.conditions.toReversed() }, now)).toEqual({ kind: "same" });
    expect(mergeStatus(status, { ...two, names: ["b", "a"] }, now)).toMatchObject({ kind: "changed" });
  });

  it.each([
    { name: "a field that is gone", desired: { conditions: [ready()] } },
    { name: "a condition that is gone", desired: { conditions: [], counts: { live: 3 } } },
    { name: "no conditions any more", desired: { counts: { live: 3 } } },
    { name: "another value", desired: { conditions: [ready()], counts: { live: 4 } } },
  ])("$name is a change", ({ desired }) => {
    expect(mergeStatus(held, desired, now)).toMatchObject({ kind: "changed" });
  });

  it.each([undefined, null, "text", [], { conditions: "none" }, { conditions: [null, 7] }])(
    "takes %j for a status that says nothing",
    (current) => {
      const merged = mergeStatus(current, { conditions: [ready()] }, now);
      expect(merged).toMatchObject({ kind: "changed", status: { conditions: [{ lastTransitionTime: now }] } });
    },
  );

  const condition = fc.record({
    type: fc.constantFrom("Ready", "Stalled", "Published"),
    status: fc.constantFrom("True" as const, "False" as const, "Unknown" as const),
    reason: fc.constantFrom("A", "B"),
    message: fc.string(),
    observedGeneration: fc.option(fc.nat(), { nil: undefined }),
  });
  const status = fc.record({
    conditions: fc.option(fc.uniqueArray(condition, { selector: ({ type }) => type }), { nil: undefined }),
    counts: fc.option(fc.jsonValue(), { nil: undefined }),
    phase: fc.string(),
  });

  it("twice yields no second write, at any later time", () => {
    fc.assert(
      fc.property(fc.jsonValue(), status, (current, desired) => {
        const first = mergeStatus(current, desired, now);
        // As the server gives it back: without what is undefined.
        const stored: unknown = first.kind === "same" ? current : JSON.parse(JSON.stringify(first.status));
        expect(mergeStatus(stored, desired, "2027-01-01T00:00:00Z")).toEqual({ kind: "same" });
      }),
    );
  });

  it("changes a transition time only when the status turned", () => {
    fc.assert(
      fc.property(status, status, (one, other) => {
        const first = mergeStatus({}, one, before);
        const stored = first.kind === "changed" ? first.status : {};
        const second = mergeStatus(stored, other, now);
        const { conditions = [] } = second.kind === "changed" ? second.status : stored;
        const turned = new Set(
          (Array.isArray(conditions) ? conditions : [])
            .filter((each) => each.lastTransitionTime === now)
            .map((each) => each.type),
        );
        const wanted = (other.conditions ?? [])
          .filter((each) => one.conditions?.find(({ type }) => type === each.type)?.status !== each.status)
          .map((each) => each.type);
        expect(turned).toEqual(new Set(wanted));
      }),
    );
  });
});

it("compares as JSON would write", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const sorted = (value: unknown): string => JSON.stringify(value, (_, each) => sortKeys(each));
      expect(isSameJson(a, b)).toBe(sorted(a) === sorted(b));
      expect(isSameJson(a, structuredClone(a))).toBe(true);
    }),
  );
});

function sortKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
