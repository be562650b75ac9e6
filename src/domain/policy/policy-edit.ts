import type { JobDirectives, JobEdit, PolicyDirective } from "../jobfile/job-file.ts";
import { POLICY_DIRECTIVES } from "../jobfile/job-file.ts";
import type { DesiredDirectives } from "./desired-directives.ts";

export interface PolicyEdit {
  /** Absent: nothing to edit. */
  readonly directives?: NonNullable<JobEdit["directives"]> | undefined;
  /** Directives that differ from policy and stay, since a person wrote them or nobody knows who did. */
  readonly kept: readonly PolicyDirective[];
}

/**
 * Hand edits win over defaults (spec section 3): a three-way comparison. A directive is edited only when policy changed
 * since it was last applied, and only while the file still has what was applied then; any other value is a person's.
 * Without a last applied policy (adopted file, lost state) the file stands. `overwritten`: a person asked for policy
 * everywhere (`sync --apply-policy`).
 */
export function policyEdit(
  applied: DesiredDirectives | undefined,
  desired: DesiredDirectives,
  file: JobDirectives,
  handEdits: "kept" | "overwritten" = "kept",
): PolicyEdit {
  const directives: { -readonly [K in PolicyDirective]?: string | null } = {};
  const kept: PolicyDirective[] = [];
  for (const directive of POLICY_DIRECTIVES) {
    if (file[directive] === desired[directive]) continue;
    const changed = applied !== undefined && applied[directive] !== desired[directive];
    if (handEdits === "overwritten" || (changed && file[directive] === applied[directive]))
      directives[directive] = desired[directive] ?? null;
    else kept.push(directive);
  }
  return Object.keys(directives).length === 0 ? { kept } : { directives, kept };
}
