import PQueue from "p-queue";
import type { Clock } from "../sync/ports.ts";

/** Of all clients together: the Director has 20 consoles for everybody. */
const MAX_QUERIES = 4;
const FIRST_PAUSE_MS = 15 * 60_000;
const LONGEST_PAUSE_MS = 2 * 60 * 60_000;

export type GatedQuery<T> =
  | { readonly kind: "asked"; readonly value: T }
  /** Not asked: the pause after an unanswered query is not over. */
  | { readonly kind: "paused" };

/**
 * Rule 9: a killed console leaves its thread in the Director for as long as the File Daemon is silent, and when its 20
 * slots are gone nobody can log in. So at most one `.query` is outstanding per client and 4 in all, and after one that was
 * killed for time none goes to that client for 15 minutes, doubling with each further one to 2 hours. Any answer, also
 * an error text, ends that.
 *
 *   open --timed out--> paused(15 min) --time--> trial --timed out--> paused(twice as long, at most 2 h)
 *     ^                                            |
 *     +----------------- answered -----------------+
 */
export interface QueryGate {
  /**
   * Runs `query` when the client's turn comes. `hung` tells of its outcome whether it was killed for time. Rejects with
   * the signal's reason while it waits, and with whatever `query` rejects with.
   */
  ask<T>(
    client: string,
    query: () => Promise<T>,
    hung: (value: T) => boolean,
    signal: AbortSignal,
  ): Promise<GatedQuery<T>>;
  /** Consoles that queries left behind which were killed for time: one for each client that is paused. */
  hung(): number;
}

interface Turn {
  readonly queue: PQueue;
  pause?: { readonly untilMs: number; readonly lengthMs: number } | undefined;
}

export function createQueryGate(clock: Clock): QueryGate {
  const all = new PQueue({ concurrency: MAX_QUERIES });
  const turns = new Map<string, Turn>();

  function turnOf(client: string): Turn {
    const known = turns.get(client);
    if (known !== undefined) return known;
    const turn: Turn = { queue: new PQueue({ concurrency: 1 }) };
    turns.set(client, turn);
    return turn;
  }

  // A clock that was set back must not make the pause longer than it is.
  function isPaused({ pause }: Turn): boolean {
    const now = clock.now();
    return pause !== undefined && now < pause.untilMs && pause.untilMs - now <= pause.lengthMs;
  }

  return {
    hung: () => [...turns.values()].filter(isPaused).length,

    ask(client, query, hung, signal) {
      const turn = turnOf(client);
      return turn.queue.add(
        async () => {
          if (isPaused(turn)) return { kind: "paused" } as const;
          const value = await all.add(query, { signal });
          turn.pause = hung(value) ? pauseAfter(turn.pause?.lengthMs, clock.now()) : undefined;
          return { kind: "asked", value } as const;
        },
        { signal },
      );
    },
  };
}

function pauseAfter(lastMs: number | undefined, now: number): { readonly untilMs: number; readonly lengthMs: number } {
  const lengthMs = lastMs === undefined ? FIRST_PAUSE_MS : Math.min(lastMs * 2, LONGEST_PAUSE_MS);
  return { untilMs: now + lengthMs, lengthMs };
}
