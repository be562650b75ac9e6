import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterTrial, type FaultSearch, type Found, nextStep, startSearch, withNamed } from "./fault-search.ts";

interface Change {
  readonly id: number;
  readonly likelySound: boolean;
}

/** A Director that refuses whatever has a culprit in it, and from `brokenFrom` on everything. */
interface Director {
  readonly culprits: ReadonlySet<number>;
  readonly brokenFrom?: number;
  /** Tells which of the culprits it met. */
  readonly speaks?: boolean;
}

interface Played {
  readonly trials: number;
  readonly found: Found<Change>;
  readonly tried: readonly (readonly number[])[];
}

function play(changes: readonly Change[], director: Director, budget = 8): Played {
  let search: FaultSearch<Change> = startSearch(changes, budget);
  const isRefused = (some: readonly Change[]) => some.filter(({ id }) => director.culprits.has(id));
  const tried: (readonly number[])[] = [];
  if (director.speaks === true) {
    const [named] = isRefused(changes);
    if (named !== undefined) search = withNamed(search, named);
  }
  for (;;) {
    const step = nextStep(search);
    if (step.kind === "ended") return { trials: tried.length, found: step.found, tried };
    tried.push(step.changes.map(({ id }) => id));
    if (tried.length > 1_000) throw new Error("it does not end");
    const [named] = isRefused([...search.sound, ...step.changes]);
    const isBroken = tried.length >= (director.brokenFrom ?? Number.POSITIVE_INFINITY);
    const words = director.speaks === true ? named : undefined;
    search = afterTrial(
      search,
      named !== undefined || isBroken ? { kind: "refused", named: words } : { kind: "taken" },
    );
  }
}

const some = (count: number, isOurs: (id: number) => boolean = () => false): readonly Change[] =>
  Array.from({ length: count }, (_, id) => ({ id, likelySound: isOurs(id) }));
const ids = (changes: readonly Change[]) => changes.map(({ id }) => id).sort((a, b) => a - b);

const CHANGES = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 200 })
  .map((ours) => some(ours.length, (id) => ours[id] === true));
const WORLD = CHANGES.chain((changes) =>
  fc.record({
    changes: fc.constant(changes),
    culprits: fc.uniqueArray(fc.nat(changes.length - 1), { minLength: 1, maxLength: 5 }).map((list) => new Set(list)),
    budget: fc.integer({ min: 0, max: 8 }),
  }),
);

describe("rule 7: the search for what the Director refuses", () => {
  it("ends within its trials, loses no change, and blames and publishes only what it may", () => {
    fc.assert(
      fc.property(WORLD, fc.boolean(), ({ changes, culprits, budget }, speaks) => {
        const { trials, found } = play(changes, { culprits, speaks }, budget);
        expect(trials).toBeLessThanOrEqual(budget);
        for (const { id } of found.culprits) expect(culprits).toContain(id);
        for (const { id } of found.sound) expect(culprits).not.toContain(id);
        expect(ids([...found.sound, ...found.culprits, ...found.unjudged])).toEqual(ids(changes));
        expect(found.isOutside).toBe(false);
      }),
    );
  });

  it("finds the only culprit of at most 64 changes in 8 trials, and leaves none of 32 or fewer unpublished", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(), (count, at) => {
        const culprit = at % count;
        const { found } = play(some(count), { culprits: new Set([culprit]) });
        expect(ids(found.culprits)).toEqual([culprit]);
        expect(count > 32 || found.unjudged.length === 0).toBe(true);
      }),
    );
  });

  it("never blames anything when the trouble is elsewhere, whenever it begins", () => {
    fc.assert(
      fc.property(WORLD, fc.integer({ min: 1, max: 9 }), ({ changes, culprits }, brokenFrom) => {
        const { found } = play(changes, { culprits, brokenFrom });
        for (const { id } of found.culprits) expect(culprits).toContain(id);
        for (const { id } of found.sound) expect(culprits).not.toContain(id);
      }),
    );
    const { found, trials } = play(some(20), { culprits: new Set(), brokenFrom: 1 });
    expect(found).toMatchObject({ isOutside: true, culprits: [], sound: [] });
    expect(trials).toBe(1);
  });

  it("suspects people's edits first: any number of our own changes costs one trial", () => {
    const { tried, found } = play(
      some(5_000, (id) => id !== 17),
      { culprits: new Set([17]) },
    );
    expect(tried.map((trial) => trial.length)).toEqual([0, 4_999]);
    expect(ids(found.culprits)).toEqual([17]);
  });

  it("needs one trial for each culprit that the Director's words name", () => {
    const { tried, found } = play(some(100), { culprits: new Set([3, 50, 99]), speaks: true });
    expect(tried.map((trial) => trial.length)).toEqual([99, 98, 97]);
    expect(ids(found.culprits)).toEqual([3, 50, 99]);
    expect(found.sound).toHaveLength(97);
  });

  it("asks before it blames a single change whether what is in force would be taken", () => {
    const { tried, found } = play(some(1), { culprits: new Set([0]) });
    expect(tried).toEqual([[]]);
    expect(ids(found.culprits)).toEqual([0]);
  });

  it("blames nothing without a trial, or when the trials end before there is a proof", () => {
    expect(play(some(1), { culprits: new Set([0]) }, 0).found).toMatchObject({ culprits: [], unjudged: [{ id: 0 }] });
    const { found } = play(some(200), { culprits: new Set([0]) });
    expect(found.culprits).toEqual([]);
    expect(found.unjudged).not.toEqual([]);
  });
});
