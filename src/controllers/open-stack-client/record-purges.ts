import { describeObstacle } from "../../domain/purge/judge-purge.ts";
import { someNames } from "../../domain/status/some-names.ts";
import type { EventSubject } from "../../kubernetes/event-recorder.ts";
import type { Logger } from "../../kubernetes/logger.ts";
import type { PassReport, VmReport } from "../../sync/pass-report.ts";
import type { Recorder } from "./record-transitions.ts";

const ACTION_REQUIRED = { type: "Warning", reason: "ActionRequired" } as const;
const BLOCKED = { type: "Warning", reason: "PurgeBlocked" } as const;
const WAITS = { type: "Warning", reason: "PurgeWaits" } as const;

/**
 * What purges ask of people: each file that stays on storage, by its volume, and each VM whose purge is due or has begun
 * and does not come to its end, with the reason. Both in the log, too, which does not limit how many there are.
 *
 * `told`: what was said before of VMs that are still kept, by uuid; it is brought up to date, so that each is said once.
 */
export function recordPurges(
  recorder: Recorder,
  log: Logger,
  subject: EventSubject,
  { policy, outcome }: PassReport,
  told: Map<string, string>,
): void {
  if (outcome.kind !== "passed" || policy.mode === "DryRun") return;
  const kept = new Set<string>();
  for (const vm of outcome.vms) {
    const { uuid, name, purge } = vm;
    if (purge?.kind === "purged") {
      log.warn({ vm: name, uuid, runs: purge.runs }, "purged: job, files and backups in the catalog are deleted");
      for (const message of purge.actionsRequired) {
        log.warn({ vm: name, uuid }, message);
        recorder.record({ subject, ...ACTION_REQUIRED, message });
      }
    }
    const trouble = troubleOf(vm);
    if (trouble === undefined) continue;
    kept.add(uuid);
    const message = `${someNames([name])}: ${trouble.why}`;
    if (told.get(uuid) === message) continue;
    told.set(uuid, message);
    log.warn({ vm: name, uuid }, `not purged: ${trouble.why}`);
    recorder.record({ subject, ...trouble.step, message });
  }
  for (const uuid of told.keys()) if (!kept.has(uuid)) told.delete(uuid);
}

function troubleOf({ decision, purge }: VmReport) {
  if (purge?.kind === "stopped") return { step: BLOCKED, why: describeObstacle(purge.obstacle) };
  if (purge?.kind === "waits") return { step: WAITS, why: purge.reason };
  if (decision.kind === "purgeBlocked") return { step: BLOCKED, why: describeObstacle(decision.obstacle) };
  return undefined;
}
