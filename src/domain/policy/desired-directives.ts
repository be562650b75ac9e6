import type { ClientPolicy } from "../client/client-policy.ts";
import type { PolicyDirective } from "../jobfile/job-file.ts";
import type { JobDefsChoice } from "./choose-job-defs.ts";
import type { KnownJobDefs } from "./known-job-defs.ts";

/** What policy wants to stand in a job file; an absent directive's line is left out. */
export type DesiredDirectives = { readonly [K in PolicyDirective]?: string | undefined };

/** The lines that a JobDefs may set itself. */
export const DRIVEN_BY_JOB_DEFS = ["storage", "pool", "schedule", "messages"] as const;
/** What of a client's policy is asked here. */
type DrivingPolicy = Pick<ClientPolicy, (typeof DRIVEN_BY_JOB_DEFS)[number] | "overrideTaggedJobDefs">;

/**
 * The directives of one VM's job. The Job's own lines win over its JobDefs (measured by `show job`), so under a
 * JobDefs that was chosen for this very VM (by tag or by a person) the lines which that JobDefs sets itself are left
 * out: else the choice would have no effect on schedule and pool (spec section 3, white paper 4.4).
 */
export function desiredDirectives(
  policy: DrivingPolicy,
  choice: JobDefsChoice,
  known: KnownJobDefs,
): DesiredDirectives {
  const chosenForVm = choice.from === "Tag" || choice.from === "Person";
  const own =
    chosenForVm && !policy.overrideTaggedJobDefs && known.kind === "known"
      ? known.resources.get(choice.name)
      : undefined;
  const desired: { [K in PolicyDirective]?: string } = { jobDefs: choice.name };
  for (const directive of DRIVEN_BY_JOB_DEFS) {
    if (policy[directive] !== "" && own?.[directive] === undefined) desired[directive] = policy[directive];
  }
  return desired;
}
