import { z } from "zod";
import type { Condition } from "../../domain/status/condition.ts";
import type { EventRecorder, EventSubject } from "../../kubernetes/event-recorder.ts";

/** An EventRecorder, as far as it is needed here. */
export type Recorder = Pick<EventRecorder, "record">;

const shown = z.array(z.object({ type: z.string(), status: z.string(), reason: z.string() }));
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
