import type { Logger } from "../../kubernetes/logger.ts";
import type { PassReport } from "../../sync/pass-report.ts";
import { newVmsWaiting } from "../../sync/put-off.ts";

/** Says in the log what a pass left for a later one. */
export function logPutOff(log: Logger, report: PassReport): void {
  const newVms = newVmsWaiting(report);
  if (newVms > 0) log.warn({ newVms }, "more new VMs than NEW_VMS_PER_PASS: the next pass goes on with them");
}
