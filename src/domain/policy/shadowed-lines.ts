import type { ClientPolicy } from "../client/client-policy.ts";
import type { JobDirectives } from "../jobfile/job-file.ts";
import type { JobDefsChoice } from "./choose-job-defs.ts";
import { DRIVEN_BY_JOB_DEFS } from "./desired-directives.ts";
import type { KnownJobDefs } from "./known-job-defs.ts";

/**
 * Lines of a job file that go before those of the JobDefs that its VM's tag chose, so that the tag has no effect on them
 * (spec section 3). New files leave such lines out; an adopted file may have them, and they stay, since hand edits win.
 * Undefined: what that JobDefs sets itself is not known.
 */
export function shadowedLines(
  job: JobDirectives,
  choice: JobDefsChoice,
  policy: Pick<ClientPolicy, "overrideTaggedJobDefs">,
  known: KnownJobDefs,
): readonly string[] | undefined {
  if (choice.from !== "Tag" || choice.name !== job.jobDefs || policy.overrideTaggedJobDefs) return [];
  const own = known.kind === "known" ? known.resources.get(choice.name) : undefined;
  if (own === undefined) return undefined;
  return DRIVEN_BY_JOB_DEFS.filter(
    (directive) => own[directive] !== undefined && job[directive] !== undefined && job[directive] !== own[directive],
  );
}
