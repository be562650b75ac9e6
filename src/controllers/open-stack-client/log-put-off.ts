import type { Logger } from "../../kubernetes/logger.ts";
import type { PassReport } from "../../sync/pass-report.ts";
import { newVmsWaiting } from "../../sync/put-off.ts";

/** Says in the log what a pass left for a later one or for a person, and which change of it will cost Full backups. */
export function logPutOff(log: Logger, report: PassReport): void {
  const { outcome } = report;
  if (outcome.kind === "passed") {
    const { pluginEdits, vms } = outcome;
    const lines = vms.filter(({ fileSetEdit }) => fileSetEdit === "Plugin").length;
    if (pluginEdits.kind === "held")
      log.warn({ lines, token: pluginEdits.token }, "changed Plugin lines wait for approval");
    else if (lines > 0)
      log.warn({ lines }, "Plugin lines follow the changed policy: the next run of each job is a Full");
  }
  const newVms = newVmsWaiting(report);
  if (newVms > 0) log.warn({ newVms }, "more new VMs than NEW_VMS_PER_PASS: the next pass goes on with them");
}
