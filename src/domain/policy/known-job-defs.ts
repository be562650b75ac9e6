/**
 * What is known of the Director's JobDefs: only `show all` lists them (there is no `.jobdefs`), and it is slow at many
 * jobs, so it is asked when a wish or the policy changed. `unknown` says nothing about any JobDefs.
 */
export type KnownJobDefs =
  | { readonly kind: "known"; readonly resources: ReadonlyMap<string, JobDefsResource> }
  | { readonly kind: "unknown" };

/** One JobDefs with the directives that it sets itself. */
export interface JobDefsResource {
  readonly name: string;
  /** Bacula's type letter: `B` Backup, `R` Restore, `V` Verify, `D` Admin ... */
  readonly type: string;
  readonly storage?: string | undefined;
  readonly pool?: string | undefined;
  readonly schedule?: string | undefined;
  readonly messages?: string | undefined;
}
