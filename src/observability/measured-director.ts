import type { Director } from "../sync/ports.ts";
import type { Metrics } from "./metrics.ts";

/** The same Director, with its reloads counted and timed. */
export function measuredDirector(director: Director, metrics: Metrics): Director {
  return {
    ...director,
    async reload(signal) {
      const stop = metrics.reloadDuration.startTimer();
      const outcome = await director.reload(signal);
      stop();
      metrics.reloads.inc({ outcome: outcome.kind });
      metrics.lastReloadSuccessful.set(outcome.kind === "reloaded" ? 1 : 0);
      return outcome;
    },
  };
}
