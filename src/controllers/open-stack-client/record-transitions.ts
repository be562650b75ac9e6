import { z } from "zod";
import type { Condition } from "../../domain/status/condition.ts";
import type { EventRecorder, EventSubject } from "../../kubernetes/event-recorder.ts";
import type { PassReport } from "../../sync/pass-report.ts";

/** An EventRecorder, as far as it is needed here. */
type Recorder = Pick<EventRecorder, "record">;

const shown = z.array(z.object({ type: z.string(), status: z.string(), reason: z.string() }));
const MOST_NAMES = 10;
/** Conditions that sum up others tell nothing new. */
const SUMMARIES: readonly string[] = ["Ready", "Reconciling"];

/** Tells of each condition that turned; a condition that says the same for another cause turned too. Nothing else. */
export function recordTransitions(
  recorder: Recorder,
  subject: EventSubject,
  before: unknown,
  after: readonly Condition[],
): void {
  const held = new Map(shown.safeParse(before).data?.map((condition) => [condition.type, condition]));
  for (const { type, status, reason, message } of after) {
    if (SUMMARIES.includes(type)) continue;
    const last = held.get(type);
    if (last?.status === status && last.reason === reason) continue;
    // The first word of a new resource is worth an event only when it is trouble.
    const isTrouble =
      (type === "Stalled" || type === "DirectorConfigInvalid") === (status === "True") && status !== "Unknown";
    if (last === undefined && !isTrouble) continue;
    if (status === "Unknown" && last?.status !== "False") continue;
    recorder.record({
      subject,
      type: isTrouble ? "Warning" : "Normal",
      reason,
      message: `${type} is ${status}: ${message}`,
    });
  }
}

/** One event for all new VMs of a pass, and one for files that the catalog knew. */
export function recordCreations(recorder: Recorder, subject: EventSubject, { outcome }: PassReport): void {
  if (outcome.kind !== "passed") return;
  const written = outcome.vms.filter(({ decision, job }) => decision.kind === "create" && job !== undefined);
  const healed = written.filter(({ decision }) => decision.kind === "create" && decision.knownToCatalog);
  if (written.length > healed.length) {
    const names = written.filter((vm) => !healed.includes(vm)).map(({ name }) => name);
    recorder.record({
      subject,
      type: "Normal",
      reason: "Protected",
      message: `Wrote jobs of new VMs (${names.length}): ${some(names)}`,
    });
  }
  if (healed.length > 0) {
    const message = `Wrote missing job files of VMs that the catalog knows (${healed.length}): ${some(healed.map(({ name }) => name))}`;
    recorder.record({ subject, type: "Warning", reason: "JobFileMissing", message });
  }
}

function some(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return `${names.slice(0, MOST_NAMES).join(", ")}${more}`;
}
