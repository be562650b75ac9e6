import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FifoSet } from "./fifo-set.ts";

describe("a FIFO without doubles", () => {
  it("behaves as a plain array without doubles", () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ delete: fc.integer({ min: 0, max: 5 }) }),
      fc.constant("shift" as const),
      fc.constant("clear" as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new FifoSet<number>();
        let model: number[] = [];
        const seen: unknown[] = [];
        const wanted: unknown[] = [];
        for (const each of steps) {
          if (each === "shift") {
            seen.push(queue.shift());
            wanted.push(model.shift());
          } else if (each === "clear") {
            queue.clear();
            model = [];
          } else if ("push" in each) {
            queue.push(each.push);
            if (!model.includes(each.push)) model.push(each.push);
          } else {
            seen.push(queue.delete(each.delete));
            wanted.push(model.includes(each.delete));
            model = model.filter((item) => item !== each.delete);
          }
          seen.push(queue.size);
          wanted.push(model.length);
        }
        expect(seen).toEqual(wanted);
      }),
    );
  });
});
