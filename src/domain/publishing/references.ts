import type { KnownJobDefs } from "../policy/known-job-defs.ts";

/** The names that the Director knows, by kind. */
export interface ResourceNames {
  readonly clients: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  readonly storages: ReadonlySet<string>;
  readonly schedules: ReadonlySet<string>;
  readonly messages: ReadonlySet<string>;
}

/** What a job, or a client's policy, refers to. */
export interface References {
  readonly client?: string | undefined;
  readonly jobDefs?: string | undefined;
  readonly storage?: string | undefined;
  readonly pool?: string | undefined;
  readonly schedule?: string | undefined;
  readonly messages?: string | undefined;
}

export interface MissingReference {
  /** As in the Director's configuration: `Client`, `JobDefs`, `Pool` ... */
  readonly resource: string;
  readonly name: string;
  /** What the Director has of that kind. */
  readonly existing: readonly string[];
}

/**
 * What of the references the Director does not have: one of them would make it refuse its whole configuration, for
 * everybody (rule 7). JobDefs that could not be read are unknown, not absent: they are not reported here.
 */
export function checkReferences(
  references: References,
  names: ResourceNames,
  jobDefs: KnownJobDefs,
): readonly MissingReference[] {
  const kinds: readonly (readonly [string, string | undefined, ReadonlySet<string>])[] = [
    ["Client", references.client, names.clients],
    // A job may name several storages (Bacula's unquoted list).
    ...(references.storage?.split(",") ?? []).map((storage) => ["Storage", storage, names.storages] as const),
    ["Pool", references.pool, names.pools],
    ["Schedule", references.schedule, names.schedules],
    ["Messages", references.messages, names.messages],
    ["JobDefs", jobDefs.kind === "known" ? references.jobDefs : undefined, backupJobDefs(jobDefs)],
  ];
  return kinds.flatMap(([resource, name, existing]) =>
    name === undefined || existing.has(name) ? [] : [{ resource, name, existing: [...existing].sort() }],
  );
}

/** A JobDefs of another type would make a job that backs up nothing and ends well (measured with Admin). */
function backupJobDefs(jobDefs: KnownJobDefs): ReadonlySet<string> {
  if (jobDefs.kind === "unknown") return new Set();
  return new Set([...jobDefs.resources.values()].filter(({ type }) => type === "B").map(({ name }) => name));
}

const MOST_NAMES = 10;

/** One sentence for a person: what is missing, what there is, what to do. */
export function describeMissing({ resource, name, existing }: MissingReference): string {
  const kind = resource === "JobDefs" ? "JobDefs of type Backup" : resource;
  const shown = existing.slice(0, MOST_NAMES).join(", ");
  const more = existing.length > MOST_NAMES ? ` and ${existing.length - MOST_NAMES} more` : "";
  const has = existing.length === 0 ? "it has none" : `it has: ${shown}${more}`;
  return `${JSON.stringify(name)} is not a ${kind} of the Director; ${has}. Add it to the Director's configuration and reload, or correct the name.`;
}
