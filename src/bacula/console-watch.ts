import type { Clock } from "../sync/ports.ts";
import type { ConsoleRun } from "./bconsole.ts";
import type { FailedConsole } from "./console-failure.ts";

/** MaximumConsoleConnections of a Director whose configuration says nothing of it; no console tells what it says. */
const CONSOLES = 20;
/** Four for the queries that may all hang at once, four for the administrator and for our other questions. */
const KEPT_FREE = 8;
/** A query brings the number along so often. */
const COUNT_FRESH_MS = 60_000;
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Asks for the consoles that are connected; also for the jobs that run, which are no use here. */
export const COUNT_CONSOLES = ".status dir running";

export const FEW_CONSOLES = `not asked: fewer than ${KEPT_FREE} of the Director's ${CONSOLES} consoles are free, and a query that hangs would take one more`;

export type Admission =
  | { readonly kind: "free" }
  /** Few consoles are free, or the Director lets nobody in for want of one. */
  | { readonly kind: "few" }
  /** The Director could not be asked, for another reason. */
  | { readonly kind: "unknown"; readonly failure: FailedConsole };

/**
 * Rule 9: few free consoles pause discovery. The Director shows who is connected, but not who waits in a `.query`
 * (measured with Bacula 15.0.3), so our own queries that were killed for time are counted beside; their threads live on
 * in it. While all is well the number comes along with a query now and then, and costs no session of its own. A Console
 * that may not ask for it counts its own hung queries only.
 *
 *   open --few free--> paused(15 s) --time--> count --few free--> paused(twice as long, at most 5 min)
 *     ^                                         |
 *     +---- enough free, or nobody answers -----+
 */
export interface ConsoleWatch {
  /** Whether a query may be sent now. `hung`: our consoles that hang in one. `count` asks {@link COUNT_CONSOLES} alone. */
  admit(hung: number, count: () => Promise<ConsoleRun>): Promise<Admission>;
  /** Whether the next query is to bring the number along. */
  isCountDue(): boolean;
  /** The answer to {@link COUNT_CONSOLES} that a query brought along. */
  note(answer: string): void;
}

export function createConsoleWatch(clock: Clock): ConsoleWatch {
  let connected = 0;
  let countedMs: number | undefined;
  let pause: { readonly untilMs: number; readonly lengthMs: number } | undefined;

  function note(answer: string): void {
    connected = connectedConsoles(answer);
    countedMs = clock.now();
  }

  return {
    async admit(hung, count) {
      const now = clock.now();
      // A clock that was set back must not make the pause longer than it is.
      if (pause !== undefined && now < pause.untilMs && pause.untilMs - now <= pause.lengthMs) return FEW;
      const wereFew = pause !== undefined || !isEnough(connected + hung);
      if (!wereFew && hung === 0) return FREE;
      // Whoever comes while this one counts need not count, too.
      if (wereFew) pause = pauseAfter(pause?.lengthMs, now);
      const run = await count();
      if (run.kind === "failed") {
        // A login that waits for ever looks the same when the Director hangs: it is for want of a console if few were free.
        if (run.login === "full" || (run.login === "waited" && wereFew)) {
          pause ??= pauseAfter(undefined, now);
          return FEW;
        }
        connected = 0;
        pause = undefined;
        return { kind: "unknown", failure: run };
      }
      note(run.answers[0] ?? "");
      if (isEnough(connected + hung)) {
        pause = undefined;
        return FREE;
      }
      pause ??= pauseAfter(undefined, now);
      return FEW;
    },

    isCountDue() {
      const now = clock.now();
      return countedMs === undefined || now - countedMs >= COUNT_FRESH_MS || now < countedMs;
    },

    note,
  };
}

const FREE: Admission = { kind: "free" };
const FEW: Admission = { kind: "few" };

function isEnough(used: number): boolean {
  return CONSOLES - used >= KEPT_FREE;
}

function pauseAfter(lastMs: number | undefined, now: number): { readonly untilMs: number; readonly lengthMs: number } {
  const lengthMs = lastMs === undefined ? FIRST_PAUSE_MS : Math.min(lastMs * 2, LONGEST_PAUSE_MS);
  return { untilMs: now + lengthMs, lengthMs };
}

/** Consoles in the answer to {@link COUNT_CONSOLES}, the asking one among them; 0 where it tells nothing. */
export function connectedConsoles(answer: string): number {
  return answer.match(/^Console connected .*at /gm)?.length ?? 0;
}
