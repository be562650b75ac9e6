import type { JobHeaders } from "../../domain/jobfile/job-file.ts";

/** The three fields of a ManagedVM's spec that are a person's, in the words of the `#@` headers. */
export type Personal = Pick<JobHeaders, "jobDefs" | "hold" | "suspend">;
export const PERSONAL = ["jobDefs", "hold", "suspend"] as const satisfies readonly (keyof Personal)[];

/** What changed; `null` takes the header away. */
export type PersonalChange = { readonly [K in keyof Personal]?: Personal[K] | null };

/** A ManagedVM's spec as it stands, and whether its controller has seen this generation. */
export interface PersonalSpec {
  readonly personal: Personal;
  readonly generation: number;
  /** Absent: a person made the object, or its status was lost with it. */
  readonly observedGeneration?: number | undefined;
}

/**
 * Which of a person's words in the spec are newer than the headers of the job file. The headers are the truth and may
 * be changed without Kubernetes too (`hold` of the command line), so the direction follows the generation: a spec that
 * changed since it was last observed is news; else the headers are. An object that was never observed can only add: a
 * field that it lacks says nothing, since it may have been made anew from an older copy.
 */
export function personalChange(spec: PersonalSpec, headers: Personal): PersonalChange | undefined {
  if (spec.observedGeneration === spec.generation) return undefined;
  const change: { -readonly [K in keyof Personal]?: string | null } = {};
  for (const field of PERSONAL) {
    const wish = spec.personal[field];
    if (wish === headers[field]) continue;
    if (wish !== undefined) change[field] = wish;
    else if (spec.observedGeneration !== undefined) change[field] = null;
  }
  return Object.keys(change).length === 0 ? undefined : change;
}
