import { describe, expect, it } from "vitest";
import { createQueryGate } from "./query-gate.ts";

const MINUTE = 60_000;
const never = new AbortController().signal;

function bed() {
  const clock = { at: 1_000_000, now: () => clock.at };
  const gate = createQueryGate(clock);
  const ask = (client: string, outcome: "hung" | "answered") =>
    gate.ask(
      client,
      () => Promise.resolve(outcome),
      (value) => value === "hung",
      never,
    );
  return { clock, gate, ask };
}

/** A query that ends when it is told to. */
function openQuery() {
  const { promise, resolve } = Promise.withResolvers<"hung" | "answered">();
  let begun = 0;
  const query = () => {
    begun++;
    return promise;
  };
  return { query, end: resolve, begun: () => begun };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe("rule 9: after a .query that did not end", () => {
  it("none goes to that client for 15 minutes, doubling to 2 hours, until one is answered", async () => {
    const { clock, ask } = bed();
    for (const minutes of [15, 30, 60, 120, 120]) {
      expect(await ask("a", "hung")).toEqual({ kind: "asked", value: "hung" });
      clock.at += minutes * MINUTE - 1;
      expect(await ask("a", "answered")).toEqual({ kind: "paused" });
      clock.at += 1;
    }
    expect(await ask("a", "answered")).toEqual({ kind: "asked", value: "answered" });
    expect(await ask("a", "hung")).toEqual({ kind: "asked", value: "hung" });
    clock.at += 15 * MINUTE;
    expect(await ask("a", "answered")).toEqual({ kind: "asked", value: "answered" });
  });

  it("each paused client counts as one console that hangs", async () => {
    const { clock, gate, ask } = bed();
    await ask("a", "hung");
    await ask("b", "answered");
    clock.at += 10 * MINUTE;
    await ask("c", "hung");
    expect(gate.hung()).toBe(2);
    clock.at += 5 * MINUTE;
    expect(gate.hung()).toBe(1);
    await ask("a", "hung");
    expect(gate.hung()).toBe(2);
  });

  it("other clients are asked as ever", async () => {
    const { ask } = bed();
    await ask("a", "hung");
    expect(await ask("b", "answered")).toEqual({ kind: "asked", value: "answered" });
  });

  it("a clock that was set back does not make the pause longer", async () => {
    const { clock, ask } = bed();
    await ask("a", "hung");
    clock.at -= 60 * MINUTE;
    expect(await ask("a", "answered")).toEqual({ kind: "asked", value: "answered" });
  });
});

describe("rule 9: how many .query there are at once", () => {
  it("one a client: the second waits, and is not asked when the first hung", async () => {
    const { gate } = bed();
    const first = openQuery();
    const second = openQuery();
    const isHung = (value: string) => value === "hung";
    const asked = [gate.ask("a", first.query, isHung, never), gate.ask("a", second.query, isHung, never)];
    await settle();
    expect([first.begun(), second.begun()]).toEqual([1, 0]);
    first.end("hung");
    expect(await Promise.all(asked)).toEqual([{ kind: "asked", value: "hung" }, { kind: "paused" }]);
    expect(second.begun()).toBe(0);
  });

  it("four in all", async () => {
    const { gate } = bed();
    const queries = Array.from({ length: 6 }, openQuery);
    const asked = queries.map(({ query }, at) => gate.ask(`client-${at}`, query, () => false, never));
    await settle();
    expect(queries.map(({ begun }) => begun())).toEqual([1, 1, 1, 1, 0, 0]);
    for (const { end } of queries) end("answered");
    await Promise.all(asked);
    expect(queries.map(({ begun }) => begun())).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("one that waits for its turn ends when it is told to, and the next ones go on", async () => {
    const { gate } = bed();
    const first = openQuery();
    const abort = new AbortController();
    const waiting = openQuery();
    const running = gate.ask("a", first.query, () => false, never);
    const refused = gate.ask("a", waiting.query, () => false, abort.signal);
    abort.abort(new Error("stopped"));
    await expect(refused).rejects.toThrow("stopped");
    first.end("answered");
    await running;
    expect(
      await gate.ask(
        "a",
        () => Promise.resolve("x"),
        () => false,
        never,
      ),
    ).toEqual({ kind: "asked", value: "x" });
    expect(waiting.begun()).toBe(0);
  });

  it("a query that rejects frees its turn", async () => {
    const { gate } = bed();
    await expect(
      gate.ask(
        "a",
        () => Promise.reject(new Error("broken")),
        () => false,
        never,
      ),
    ).rejects.toThrow("broken");
    expect(
      await gate.ask(
        "a",
        () => Promise.resolve("x"),
        () => false,
        never,
      ),
    ).toEqual({ kind: "asked", value: "x" });
  });
});
