import { z } from "zod";
import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { Answer } from "../sync/ports.ts";
import type { PurgeDirector } from "../sync/purge/purge-ports.ts";
import { type ConsoleSettings, runConsole } from "./bconsole.ts";
import { quotedName } from "./console-command.ts";
import { refusedCommand } from "./name-list.ts";
import { readRunningJobs } from "./running-jobs.ts";

const JobIds = z.array(z.int().positive()).min(1);

/**
 * The Director by the Console that may delete (PURGE_CONSOLE_CONF). bconsole exits 0 whatever a command came to, and the
 * Director says the same of a run that it deleted and of one that never was, so the catalog is asked afterwards.
 */
export function createPurgeDirector(settings: ConsoleSettings): PurgeDirector {
  async function ask<T>(
    commands: readonly string[],
    read: (last: string) => Answer<T>,
    signal: AbortSignal,
  ): Promise<Answer<T>> {
    const run = await runConsole(settings, commands, { signal });
    if (run.kind === "failed") return { kind: "unknown", reason: run.reason, detail: run.detail };
    for (const [at, command] of commands.entries()) {
      const answer = run.answers[at] ?? "";
      const refused = refusedCommand(command, answer) ?? unauthorized(command, answer);
      if (refused !== undefined) return refused;
    }
    return read(run.answers.at(-1) ?? "");
  }
  const order = (commands: readonly string[], signal: AbortSignal) =>
    ask(commands, () => ({ kind: "answered", value: "asked" }) as const, signal);

  return {
    runningJobs: (signal) => ask([".status dir current"], readRunningJobs, signal),
    deleteRuns: (jobIds, signal) => order([`delete jobid=${JobIds.parse(jobIds).join(",")} yes`], signal),
    markPurged: (volume, signal) => order([`prune volume=${quotedName(volume)} yes`], signal),
    truncate: ({ name, pool, storage }, signal) =>
      order(
        [
          `update volume=${quotedName(name)} actiononpurge=truncate`,
          `truncate volume=${quotedName(name)} pool=${quotedName(pool)} storage=${quotedName(storage)}`,
        ],
        signal,
      ),
    deleteVolume: (volume, signal) => order([`delete volume=${quotedName(volume)} yes`], signal),
  };
}

/** A Console without CatalogACL, or that may not see the resource. */
function unauthorized(command: string, answer: string): Extract<Answer<never>, { kind: "unknown" }> | undefined {
  const line = /^.*(?:No authorization for|Could not find a Catalog resource).*$/m.exec(answer)?.[0];
  if (line === undefined) return undefined;
  const [word = command] = command.split(" ", 1);
  return { kind: "unknown", reason: "NotAuthorized", detail: failureDetail(`${word} answered: ${line}`) };
}
