import type { PurgeMeans } from "../batch-context.ts";
import type { PassReport, PurgeOutcome, VmReport } from "../pass-report.ts";
import type { Clock, Director, Volume } from "../ports.ts";
import { volumeTrouble } from "../volume-trouble.ts";
import { purgeVm, TIME_IS_UP } from "./purge-vm.ts";
import { waits } from "./waits.ts";

/** A pass of the operator is cut off after a quarter of an hour; what it did would then not be told. */
const LONGEST_MS = 4 * 60_000;

export interface PurgePass {
  readonly means: PurgeMeans;
  readonly director: Pick<Director, "resources">;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Goes on with the purges of a pass whose absences were confirmed and whose files are published. Each VM takes the lock
 * for itself, so that a large history does not keep other clients from theirs. The report tells of each.
 */
export async function purgeVms(report: PassReport, pass: PurgePass): Promise<PassReport> {
  const { outcome, policy, observation } = report;
  if (outcome.kind !== "passed" || policy.mode !== "Enforce") return report;
  if (outcome.removals.kind !== "allowed" || observation.absences !== "confirmed") return report;
  const isDue = ({ decision, isPurging }: VmReport) => decision.kind === "purge" && isPurging === true;
  if (!outcome.vms.some(isDue)) return report;
  const { publishing } = outcome;
  const isPublished = publishing.kind === "published" || publishing.kind === "unchanged";
  const untilMs = pass.clock.now() + LONGEST_MS;
  const vms: VmReport[] = [];
  for (const vm of outcome.vms) {
    if (!isDue(vm)) vms.push(vm);
    else if (isPublished && pass.clock.now() <= untilMs) vms.push(await purgeOne(vm, report, untilMs, pass));
    else if (isPublished) vms.push({ ...vm, purge: waits(TIME_IS_UP) });
    else vms.push({ ...vm, purge: waits("the Director has not taken the configuration without it yet") });
  }
  return { ...report, outcome: { ...outcome, vms } };
}

async function purgeOne(vm: VmReport, { policy }: PassReport, untilMs: number, pass: PurgePass): Promise<VmReport> {
  const { uuid, slug } = vm;
  if (slug === undefined) return vm;
  const { means, director, clock, signal } = pass;
  const lock = await pass.volume.withLock(async (tree): Promise<PurgeOutcome> => {
    try {
      const end = await purgeVm({ policy, slug, uuid, tree, director, means, clock, untilMs, signal });
      if (end.kind === "stopped") {
        const [failed] = await tree.write(policy, [{ kind: "putBack", slug, edit: {} }], signal);
        if (failed !== undefined) return waits(failed.detail);
      }
      return end;
    } catch (error) {
      const trouble = volumeTrouble(error);
      if (trouble === undefined) throw error;
      return waits(trouble.detail);
    }
  }, signal);
  switch (lock.kind) {
    case "done":
      return afterPurge(vm, lock.value);
    case "held":
      return { ...vm, purge: waits(`another writer holds the lock: ${lock.holder}`) };
    case "unusable":
      return { ...vm, purge: waits(lock.detail) };
    default:
      return lock satisfies never;
  }
}

function afterPurge(vm: VmReport, purge: PurgeOutcome): VmReport {
  switch (purge.kind) {
    case "purged":
      return { ...vm, purge, job: undefined, isPurging: false };
    case "stopped":
      return { ...vm, purge, isPurging: false, publishing: { kind: "pending", lastGoodPublished: false } };
    case "waits":
      return { ...vm, purge };
    default:
      return purge satisfies never;
  }
}
