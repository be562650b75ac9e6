import { managedVmStatus } from "../../api/managed-vm.ts";
import { VM_CONDITIONS, type VmConditionType } from "../../domain/status/reasons.ts";
import type { VmStatus } from "../../domain/status/vm-status.ts";
import { type PackedStatus, unpackStatus } from "./packed-status.ts";
import { clientKey, type ManagedVmStore, type ProjectionOwner } from "./projection-ports.ts";

/** The status that a ManagedVM shows now, as the rules know it; undefined when it shows none that is ours. */
function shownStatus(status: PackedStatus): VmStatus | undefined {
  const parsed = managedVmStatus.safeParse(unpackStatus(status));
  if (!parsed.success || parsed.data.phase === undefined) return undefined;
  const { phase, jobName, fileSetName, jobDefs, lastBackup, lastRun, conditions = [] } = parsed.data;
  return {
    phase,
    jobName,
    fileSetName,
    jobDefs,
    ...(lastBackup !== undefined && { lastBackup }),
    ...(lastRun !== undefined && { lastRun }),
    conditions: conditions.flatMap(({ type, status, reason, message }) =>
      isOurs(type) ? [{ type, status, reason, message }] : [],
    ),
  };
}

/** The statuses that the ManagedVMs of one client show now, by uuid; each is parsed only when it is asked for. */
export function shownStatuses(
  owner: Pick<ProjectionOwner, "namespace" | "name">,
  store: ManagedVmStore,
): (uuid: string) => VmStatus | undefined {
  let statuses: Map<string, PackedStatus> | undefined;
  return (uuid) => {
    statuses ??= new Map(
      [...store.index("client", clientKey(owner))].flatMap((key) => {
        const record = store.get(key);
        return record === undefined ? [] : [[record.uuid, record.status] as const];
      }),
    );
    const status = statuses.get(uuid);
    return status === undefined ? undefined : shownStatus(status);
  };
}

function isOurs(type: string): type is VmConditionType {
  return Object.hasOwn(VM_CONDITIONS, type);
}
