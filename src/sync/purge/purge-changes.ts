import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { RemovalVerdict } from "../../domain/lifecycle/judge-removals.ts";
import { purgedFileSet } from "../../domain/purge/judge-purge.ts";
import { newPurgeRecord } from "../../domain/purge/purge-record.ts";
import type { PlannedVm } from "../decide/plan-client.ts";
import type { FileChange } from "../ports.ts";
import { readPurgeRecord } from "./read-purge-record.ts";

/** The change of files that begins a purge. */
export function beginsPurge(
  { decision, isPurging, slug, job, uuid }: PlannedVm,
  policy: ClientPolicy,
  now: number,
): FileChange | undefined {
  if (decision.kind !== "purge" || isPurging === true || slug === undefined || job === undefined) return undefined;
  const fileSetName = purgedFileSet(slug, job, policy);
  const record = newPurgeRecord({ uuid, jobName: job.directives.name, fileSetName }, now);
  return { kind: "beginPurge", slug, uuid, record };
}

/**
 * What is done with a VM whose purge is under way: it goes on, pauses, or ends with the job as it was. It pauses while
 * nothing is known of the VM. It ends when the VM is seen, or when the rules would not begin it now (a hold, an opt-in
 * that was taken away); under HOLD, or with other removals held, it ends as long as nothing was deleted.
 */
export function underWayChanges(
  { decision, sighting, slug, purgeRecord }: PlannedVm,
  removals: RemovalVerdict,
  isFrontEndHeld: boolean,
): readonly FileChange[] {
  if (slug === undefined || sighting === "unseen") return [];
  // Another front end's policy is in force: what it has begun is its own, but a VM that is there is there.
  if (isFrontEndHeld && sighting === "absent") return [];
  switch (decision.kind) {
    case "purge":
    case "purgeLater": {
      const isStopped = removals.kind === "killSwitch" || removals.kind === "held";
      const stage = readPurgeRecord(purgeRecord)?.stage;
      const nothingDeleted = stage === undefined || stage === "withdrawing";
      return isStopped && nothingDeleted ? [{ kind: "putBack", slug, edit: {} }] : [];
    }
    case "edit":
      return [{ kind: "putBack", slug, edit: decision.edit }];
    default:
      return [{ kind: "putBack", slug, edit: {} }];
  }
}
