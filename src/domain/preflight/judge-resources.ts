import type { ClientPolicy } from "../client/client-policy.ts";
import type { KnownJobDefs } from "../policy/known-job-defs.ts";
import { checkReferences, type ResourceNames } from "../publishing/references.ts";
import { type Check, fail, ok, skip } from "./check.ts";

/** Who refers to something: a line of clients.conf, or the settings. */
export interface Referrer {
  readonly place: string;
  readonly policy: Pick<ClientPolicy, "jobDefs" | "storage" | "pool" | "schedule" | "messages">;
  /** Absent: no client is meant yet. */
  readonly client?: string | undefined;
}

/** Whether all that a new job would refer to exists in the Director: one that does not would stop every reload (rule 7). */
export function judgeResources(
  referrers: readonly Referrer[],
  names: ResourceNames,
  jobDefs: KnownJobDefs,
): readonly Check[] {
  const missing = new Map<string, { readonly check: Check }>();
  for (const { place, policy, client } of referrers) {
    const references = {
      client,
      jobDefs: policy.jobDefs.name,
      storage: orAbsent(policy.storage),
      pool: orAbsent(policy.pool),
      schedule: orAbsent(policy.schedule),
      messages: orAbsent(policy.messages),
    };
    for (const { resource, name, existing } of checkReferences(references, names, jobDefs)) {
      const has = existing.length === 0 ? "none" : existing.slice(0, 10).join(", ");
      const check = fail(
        `the Director has no ${resource} "${name}"${resource === "JobDefs" ? " of type Backup" : ""} (${place})`,
        `it has: ${has}`,
        `add it to the Director's configuration and reload, or correct ${SETTING_OF[resource] ?? "the line"}`,
      );
      // The same default is missed by every client; once is enough.
      const key = `${resource}\n${name}`;
      if (!missing.has(key)) missing.set(key, { check });
    }
  }
  const found = [...missing.values()].map(({ check }) => check);
  const unknown =
    jobDefs.kind === "unknown"
      ? [skip("JobDefs: the Director did not list them (show all), see section bconsole")]
      : [];
  if (found.length > 0) return [...found, ...unknown];
  return [ok(`all that new jobs refer to exists in the Director (${named(referrers)})`), ...unknown];
}

const SETTING_OF: Readonly<Record<string, string>> = {
  JobDefs: "JOBDEFS or the sixth field of the line",
  Storage: "STORAGE",
  Pool: "POOL",
  Schedule: "SCHEDULE",
  Messages: "MESSAGES",
};

function orAbsent(name: string): string | undefined {
  return name === "" ? undefined : name;
}

function named(referrers: readonly Referrer[]): string {
  const all = referrers.flatMap(({ policy: { jobDefs, storage, pool, schedule, messages } }) => [
    jobDefs.name,
    storage,
    pool,
    schedule,
    messages,
  ]);
  return [...new Set(all.filter((name) => name !== ""))].join(", ");
}
