import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConsoleRun } from "./bconsole.ts";
import type { FailedConsole, Login } from "./console-failure.ts";
import { connectedConsoles, createConsoleWatch } from "./console-watch.ts";

const SECOND = 1_000;
const shown = (consoles: number) =>
  `\nRunning Jobs:\n${"Console connected using TLS at 24-Nov-26 14:25\n".repeat(consoles)}No Jobs running.\n====\n`;
const failed = (login: Login): FailedConsole => ({
  kind: "failed",
  reason: "DirectorUnreachable",
  detail: "why",
  login,
});

function bed() {
  const clock = { at: 1_000_000, now: () => clock.at };
  const watch = createConsoleWatch(clock);
  const director = { connected: 1, failure: undefined as FailedConsole | undefined, counts: 0 };
  const count = async (): Promise<ConsoleRun> => {
    director.counts++;
    return director.failure ?? { kind: "completed", answers: [shown(director.connected)] };
  };
  const admit = async (hung = 0) => (await watch.admit(hung, count)).kind;
  return { clock, watch, director, admit };
}

describe("rule 9: few free consoles pause discovery", () => {
  it("and many cost no question", async () => {
    const { director, watch, admit } = bed();
    expect(await admit()).toBe("free");
    watch.note(shown(12));
    expect(await admit()).toBe("free");
    expect(director.counts).toBe(0);
  });

  it("from the next query on, when one brings along that few are free", async () => {
    const { director, watch, admit } = bed();
    watch.note(shown(13));
    director.connected = 13;
    expect(await admit()).toBe("few");
    watch.note(shown(13));
    director.connected = 12;
    expect(await admit()).toBe("few");
    expect(director.counts).toBe(1);
  });

  it("tried again after 15 seconds, then after twice as long, at most 5 minutes, by one question for all", async () => {
    const { clock, director, watch, admit } = bed();
    watch.note(shown(20));
    director.connected = 20;
    expect(await admit()).toBe("few");
    for (const [at, seconds] of [15, 30, 60, 120, 240, 300, 300].entries()) {
      clock.at += seconds * SECOND - 1;
      expect(await admit()).toBe("few");
      expect(director.counts).toBe(at + 1);
      clock.at += 1;
      expect(await Promise.all([admit(), admit(), admit()])).toEqual(["few", "few", "few"]);
      expect(director.counts).toBe(at + 2);
    }
    director.connected = 12;
    clock.at += 300 * SECOND;
    expect(await admit()).toBe("free");
    expect(await admit()).toBe("free");
    watch.note(shown(13));
    director.connected = 13;
    await admit();
    clock.at += 15 * SECOND;
    director.connected = 1;
    expect(await admit()).toBe("free");
  });

  it("our own consoles that hang in a query count, which the Director does not show", async () => {
    const { clock, director, admit } = bed();
    expect(await admit(11)).toBe("free");
    expect(await admit(12)).toBe("few");
    clock.at += 15 * SECOND;
    director.connected = 2;
    expect(await admit(11)).toBe("few");
    clock.at += 30 * SECOND;
    expect(await admit(10)).toBe("free");
    expect(await admit(0)).toBe("free");
    expect(director.counts).toBe(4);
  });

  it("a Director that lets nobody in has none free, if few were before or bconsole says so", async () => {
    const { clock, director, watch, admit } = bed();
    director.failure = failed("waited");
    expect(await admit(1)).toBe("unknown");
    director.failure = failed("full");
    expect(await admit(1)).toBe("few");
    for (const login of ["waited", "full", "waited"] as const) {
      clock.at += 300 * SECOND;
      director.failure = failed(login);
      expect(await admit(1)).toBe("few");
    }
    clock.at += 300 * SECOND;
    director.failure = undefined;
    expect(await admit(1)).toBe("free");
    watch.note(shown(13));
    director.failure = failed("waited");
    expect(await admit()).toBe("few");
  });

  it("a Director that is away says so, and nothing of its consoles is believed any more", async () => {
    const { clock, director, watch, admit } = bed();
    watch.note(shown(20));
    director.connected = 20;
    expect(await admit()).toBe("few");
    clock.at += 15 * SECOND;
    director.failure = failed("none");
    expect(await admit()).toBe("unknown");
    expect(await admit()).toBe("free");
  });

  it("a Console that may not ask goes by our own that hang", async () => {
    const { director, watch, admit } = bed();
    director.failure = undefined;
    watch.note(".status: is an invalid command.\n");
    expect(await admit()).toBe("free");
    director.connected = 0;
    expect(await admit(12)).toBe("free");
    expect(await admit(13)).toBe("few");
  });

  it("a clock that was set back makes no pause longer", async () => {
    const { clock, director, watch, admit } = bed();
    watch.note(shown(20));
    director.connected = 20;
    await admit();
    clock.at -= 3_600 * SECOND;
    director.connected = 1;
    expect(await admit()).toBe("free");
  });

  it("the number is brought along once a minute", () => {
    const { clock, watch } = bed();
    expect(watch.isCountDue()).toBe(true);
    watch.note(shown(1));
    expect(watch.isCountDue()).toBe(false);
    clock.at += 60 * SECOND - 1;
    expect(watch.isCountDue()).toBe(false);
    clock.at += 1;
    expect(watch.isCountDue()).toBe(true);
  });

  it("a query is admitted exactly when 8 of 20 are free", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(20), fc.nat(9)), { minLength: 1, maxLength: 20 }), async (history) => {
        const { clock, director, admit } = bed();
        for (const [connected, hung] of history) {
          clock.at += 300 * SECOND;
          director.connected = connected + 1;
          // Any hung console makes it count anew.
          const isFew = connected + 1 + hung + 1 > 12;
          expect(await admit(hung + 1)).toBe(isFew ? "few" : "free");
        }
      }),
    );
  });
});

describe("the number of consoles", () => {
  it("is that of the lines that tell of one", () => {
    expect(connectedConsoles(shown(3))).toBe(3);
    expect(connectedConsoles("\nRunning Jobs:\nConsole connected at 24-Nov-26 14:25\n")).toBe(1);
    const job = "    29  Back Full          0         0  Console connected at x is running\n";
    expect(connectedConsoles(`${shown(1)}${job}`)).toBe(1);
    expect(connectedConsoles("")).toBe(0);
  });
});
