import { describeDelay } from "../domain/purge/choose-purges.ts";
import { describeObstacle } from "../domain/purge/judge-purge.ts";
import type { PassReport, VmReport } from "./pass-report.ts";

export interface PlannedAction {
  readonly vm: string;
  readonly uuid: string;
  /** `Create`, `Edit`, `MarkMissing`, `Disable`, `Purge`. */
  readonly action: string;
  readonly reason: string;
}

const FILE_SET = {
  Options: "changed policy of the FileSet's options",
  Plugin: "changed policy of the Plugin line: the next run is a Full",
} as const;

/** What a pass would do (DryRun) or did, per VM, from the same decisions that it acts on. */
export function planOfReport({ outcome }: PassReport): readonly PlannedAction[] {
  return outcome.kind === "passed" ? outcome.vms.flatMap(planOfVm) : [];
}

/** The plan's steps for one VM. */
export function planOfVm({
  name,
  uuid,
  decision,
  fileSetEdit,
}: Pick<VmReport, "name" | "uuid" | "decision" | "fileSetEdit">): readonly PlannedAction[] {
  const ofFileSet =
    fileSetEdit === undefined ? [] : [{ vm: name, uuid, action: "Edit", reason: FILE_SET[fileSetEdit] }];
  const step = (action: string, reason: string) => [{ vm: name, uuid, action, reason }, ...ofFileSet];
  switch (decision.kind) {
    case "create":
      return step("Create", decision.knownToCatalog ? "known to the catalog but its job file is missing" : "new");
    case "createLater":
      return step("Create", "new, in a later pass: more new VMs than NEW_VMS_PER_PASS");
    case "edit":
      return step("Edit", decision.because.join(", "));
    case "markMissing":
      return step("MarkMissing", "not listed any more");
    case "disable":
      return step("Disable", "absent for longer than the grace time, or opted out");
    case "purge":
      return step("Purge", "disabled for longer than cleanupAfterDays");
    case "purgeLater":
      return step("PurgeLater", describeDelay(decision.because));
    case "purgeBlocked":
      return step("Keep", `its purge is due, but ${describeObstacle(decision.obstacle)}`);
    case "leaveMissingFile":
    case "unchanged":
    case "unknown":
    case "optedOut":
      return ofFileSet;
    default:
      return decision satisfies never;
  }
}
