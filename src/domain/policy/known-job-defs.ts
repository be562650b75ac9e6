/**
 * What is known of the Director's JobDefs. Only `show all` lists them (there is no `.jobdefs`), and it is slow at many
 * jobs, so a JobDefs that a published backup job uses is taken as proven: the Director loaded it.
 */
export type KnownJobDefs =
  | { readonly kind: "known"; readonly resources: ReadonlyMap<string, JobDefsFacts> }
  | { readonly kind: "unknown"; readonly proven: ReadonlySet<string> };

/** One JobDefs with the directives that it sets itself. */
export interface JobDefsFacts {
  readonly name: string;
  /** Bacula's type letter; `B` is Backup. */
  readonly type: string;
  readonly storage?: string | undefined;
  readonly pool?: string | undefined;
  readonly schedule?: string | undefined;
  readonly messages?: string | undefined;
}
