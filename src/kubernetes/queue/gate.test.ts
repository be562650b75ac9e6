import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../../../test/support/kubernetes/fake-timing.ts";
import { Gate } from "./gate.ts";

const forever = new AbortController().signal;

describe("a gate", () => {
  it("lets as many run as it may, whatever ends, fails or is aborted, and the others in their order", async () => {
    const step = fc.oneof(
      fc.constant("start" as const),
      fc.constant("end" as const),
      fc.constant("fail" as const),
      fc.constant("abort" as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 30 }), async (limit, steps) => {
        const gate = new Gate(limit);
        const running = new Map<number, PromiseWithResolvers<void>>();
        const stops: AbortController[] = [];
        const entered: number[] = [];
        const seen: number[] = [];
        const wanted: number[] = [];
        let waiting: number[] = [];
        const modelRunning: number[] = [];
        const admit = (): void => {
          while (modelRunning.length < limit) {
            const next = waiting.shift();
            if (next === undefined) return;
            modelRunning.push(next);
          }
        };
        for (const each of steps) {
          const oldest = [...running.keys()][0];
          if (each === "start") {
            const id = stops.length;
            const stop = new AbortController();
            stops.push(stop);
            waiting.push(id);
            const work = (): Promise<void> => {
              entered.push(id);
              const end = Promise.withResolvers<void>();
              running.set(id, end);
              return end.promise;
            };
            gate.run(work, stop.signal).catch(() => {});
          } else if (each === "abort") {
            const last = waiting.at(-1);
            stops[last ?? -1]?.abort(new Error("stop"));
            waiting = waiting.slice(0, -1);
          } else if (oldest !== undefined) {
            if (each === "end") running.get(oldest)?.resolve();
            else running.get(oldest)?.reject(new Error("failed"));
            running.delete(oldest);
            modelRunning.splice(modelRunning.indexOf(oldest), 1);
          }
          admit();
          await settle();
          seen.push(running.size);
          wanted.push(modelRunning.length);
        }
        expect(seen).toEqual(wanted);
        expect(entered).toEqual(entered.toSorted((a, b) => a - b));
      }),
    );
  });

  it("does not let in who is aborted already", async () => {
    await expect(new Gate(1).run(async () => 1, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
    expect(await new Gate(1).run(async () => 1, forever)).toBe(1);
  });
});
