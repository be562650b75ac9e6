import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DelayHeap } from "./delay-heap.ts";

describe("a heap of delayed keys", () => {
  it("gives what is due, the earliest first, each key once at its earliest time", () => {
    const step = fc.oneof(
      fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), atMs: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ nowMs: fc.integer({ min: 0, max: 50 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const heap = new DelayHeap();
        const model = new Map<string, number>();
        const seen: unknown[] = [];
        const wanted: unknown[] = [];
        for (const each of steps) {
          if ("key" in each) {
            heap.add(each.key, each.atMs);
            model.set(each.key, Math.min(each.atMs, model.get(each.key) ?? Infinity));
          } else {
            // Of several keys with one time any may come first, so the time is compared and not the key.
            const due = heap.takeDue(each.nowMs);
            const earliest = Math.min(...model.values());
            seen.push(due === undefined ? "nothing" : model.get(due));
            wanted.push(earliest > each.nowMs ? "nothing" : earliest);
            if (due !== undefined) model.delete(due);
          }
          seen.push(heap.size, heap.firstAtMs ?? Infinity);
          wanted.push(model.size, Math.min(...model.values()));
        }
        expect(seen).toEqual(wanted);
      }),
    );
  });

  it("is empty after clear", () => {
    const heap = new DelayHeap();
    heap.add("a", 1);
    heap.clear();
    expect(heap.takeDue(100)).toBeUndefined();
    heap.add("a", 5);
    expect(heap.firstAtMs).toBe(5);
  });
});
