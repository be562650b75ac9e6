import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import { renderFileSet } from "../../domain/jobfile/render-fileset.ts";
import { renderJob } from "../../domain/jobfile/render-job.ts";
import type { FileChange } from "../ports.ts";
import { beginsPurge } from "../purge/purge-changes.ts";
import type { PlannedVm } from "./plan-client.ts";

/** The changes of one VM's files; what takes protection away only when the client's removals are allowed. */
export function changesFor(
  vm: PlannedVm,
  policy: ClientPolicy,
  policyUsable: boolean,
  mayRemove: boolean,
  now: number,
): readonly FileChange[] {
  const { decision, slug } = vm;
  if (slug === undefined) return [];
  switch (decision.kind) {
    case "create": {
      if (!policyUsable) return [];
      const firstBackup = policy.firstBackup === "Immediate" ? ("wanted" as const) : undefined;
      const { uuid, name: vmName, desired: directives } = vm;
      const values = { policy, slug, uuid, vmName, directives, createdMs: now, firstBackup };
      return [{ kind: "create", slug, job: renderJob(values), fileSet: renderFileSet(values) }];
    }
    case "edit":
      return [{ kind: "edit", slug, edit: decision.edit }];
    case "markMissing":
    case "disable": {
      const edit = mayRemove ? decision.edit : decision.otherwise;
      return edit === undefined ? [] : [{ kind: "edit", slug, edit }];
    }
    case "purge": {
      const begin = mayRemove ? beginsPurge(vm, policy, now) : undefined;
      return begin === undefined ? [] : [begin];
    }
    case "purgeLater":
    case "purgeBlocked":
    case "createLater":
    case "leaveMissingFile":
    case "unchanged":
    case "unknown":
    case "optedOut":
      return [];
    default:
      return decision satisfies never;
  }
}
