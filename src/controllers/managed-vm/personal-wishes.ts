import { PERSONAL, type Personal, type PersonalChange, personalNews } from "../../domain/jobfile/personal-headers.ts";

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
  const wish: { -readonly [K in keyof Personal]?: string | null } = {};
  for (const field of PERSONAL) {
    const word = spec.personal[field];
    if (word !== undefined) wish[field] = word;
    else if (spec.observedGeneration !== undefined) wish[field] = null;
  }
  return personalNews(wish, headers);
}
