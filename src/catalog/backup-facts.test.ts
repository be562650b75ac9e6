import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BackupRun } from "../sync/ports.ts";
import { keepNames, mergeRuns, NO_FACTS, type RunRow } from "./backup-facts.ts";

function run(jobId: number, status: string, endTimeMs: number, files = 1): BackupRun {
  return { jobId, status, endTimeMs, files, level: "F", startTimeMs: endTimeMs - 5, bytes: 10, fileSet: "fs" };
}
const row = (jobName: string, one: BackupRun): RunRow => ({ jobName, run: one });

describe("facts about a job's backups", () => {
  it("take the last good run and the last finished one", () => {
    const facts = mergeRuns(NO_FACTS, [
      row("a", run(1, "T", 1000)),
      row("a", run(2, "W", 2000)),
      row("a", run(3, "f", 3000)),
    ]);
    expect(facts.history.get("a")).toMatchObject({ lastGood: { jobId: 2 }, lastRun: { jobId: 3 } });
  });

  it.each(["E", "e", "f", "A", "I", "D"])("count status %s as finished and not good", (status) => {
    const facts = mergeRuns(NO_FACTS, [row("a", run(1, status, 1000))]);
    expect(facts.history.get("a")).toEqual({ lastRun: run(1, status, 1000) });
    expect(facts.unfinished.size).toBe(0);
  });

  it("count a run without files as finished and not good", () => {
    const facts = mergeRuns(NO_FACTS, [row("a", run(1, "T", 1000, 0))]);
    expect(facts.history.get("a")?.lastGood).toBeUndefined();
  });

  it.each(["R", "C", "F", "p", "?"])("know the name of a job that only waits or runs (%s)", (status) => {
    const facts = mergeRuns(NO_FACTS, [row("a", run(7, status, 0))]);
    expect(facts.history.get("a")).toEqual({ unfinished: [{ jobId: 7, startTimeMs: -5 }] });
    expect([...facts.unfinished]).toEqual([7]);
  });

  it("tell every unfinished run beside the finished ones, until it is read again and has ended", () => {
    const before = mergeRuns(NO_FACTS, [
      row("a", run(3, "C", 30)),
      row("a", run(2, "R", 20)),
      row("a", run(1, "T", 10)),
      row("b", run(4, "C", 40)),
    ]);
    expect(before.history.get("a")).toEqual({
      lastGood: run(1, "T", 10),
      lastRun: run(1, "T", 10),
      unfinished: [
        { jobId: 2, startTimeMs: 15 },
        { jobId: 3, startTimeMs: 25 },
      ],
    });
    const after = mergeRuns(before, [row("a", run(2, "f", 50)), row("a", run(3, "R", 35))]);
    expect(after.history.get("a")).toEqual({
      lastGood: run(1, "T", 10),
      lastRun: run(2, "f", 50),
      unfinished: [{ jobId: 3, startTimeMs: 30 }],
    });
    // A row that is gone, such as one that an administrator deleted, waits no longer.
    expect(after.history.get("b")).toEqual({});
  });

  it("take the later JobId of two runs that ended in the same second", () => {
    const rows = [row("a", run(5, "T", 1000)), row("a", run(4, "T", 1000))];
    expect(mergeRuns(NO_FACTS, rows).history.get("a")?.lastGood?.jobId).toBe(5);
  });

  it("forget names that are gone from the catalog, and nothing else", () => {
    const facts = mergeRuns(NO_FACTS, [row("a", run(1, "T", 1)), row("b", run(2, "T", 1))]);
    expect([...keepNames(facts, new Set(["b", "c"])).history.keys()]).toEqual(["b"]);
    expect(keepNames(facts, new Set(["a", "b"]))).toBe(facts);
  });

  it("are never changed in place: a reader may hold them", () => {
    const before = mergeRuns(NO_FACTS, [row("a", run(1, "T", 1))]);
    mergeRuns(before, [row("a", run(2, "T", 2)), row("b", run(3, "T", 2))]);
    expect([...before.history.keys()]).toEqual(["a"]);
    expect(before.history.get("a")?.lastGood?.jobId).toBe(1);
  });
});

describe("reading step by step", () => {
  /** A history: at each step runs begin, some at once finished, and some of the unfinished end. */
  const step = fc.record({
    begin: fc.array(
      fc.record({
        name: fc.constantFrom("a", "b", "c"),
        status: fc.constantFrom("T", "W", "f", "A", "R", "C"),
        end: fc.integer({ min: 1, max: 5 }),
        files: fc.constantFrom(0, 3),
      }),
      { maxLength: 4 },
    ),
    finish: fc.array(fc.record({ pick: fc.nat(), status: fc.constantFrom("T", "f", "W") }), { maxLength: 3 }),
  });

  it("gives the same facts as reading everything at once", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const table = new Map<number, RunRow>();
        let facts = NO_FACTS;
        let highWater = 0;
        for (const { begin, finish } of steps) {
          for (const one of begin) {
            const jobId = table.size + 1;
            table.set(jobId, row(one.name, run(jobId, one.status, one.end * 1000, one.files)));
          }
          const open = [...table.values()].filter(({ run: { status } }) => status === "R" || status === "C");
          for (const { pick, status } of finish) {
            const target = open[pick % Math.max(1, open.length)];
            if (target === undefined) continue;
            table.set(target.run.jobId, { ...target, run: { ...target.run, status } });
          }
          const rows = [...table.values()];
          const since = rows.filter(({ run: { jobId } }) => jobId > highWater || facts.unfinished.has(jobId));
          facts = mergeRuns(facts, since);
          highWater = table.size;
          const whole = mergeRuns(NO_FACTS, rows);
          expect(new Map(facts.history)).toEqual(new Map(whole.history));
          expect(new Set(facts.unfinished)).toEqual(new Set(whole.unfinished));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("does not depend on the order of the rows, nor on reading one twice", () => {
    const rows = fc.array(
      fc.record({ id: fc.integer({ min: 1, max: 9 }), end: fc.integer({ min: 1, max: 3 }), good: fc.boolean() }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(rows, (list) => {
        const unique = [...new Map(list.map((one) => [one.id, one])).values()];
        const asRows = unique.map(({ id, end, good }) => row("a", run(id, good ? "T" : "f", end)));
        const forward = mergeRuns(NO_FACTS, asRows);
        const backward = mergeRuns(NO_FACTS, [...asRows, ...asRows].reverse());
        expect(backward.history.get("a")).toEqual(forward.history.get("a"));
      }),
    );
  });
});
