import { z } from "zod";
import { LOST_LOG, type SightLog } from "../../domain/lifecycle/absence-clock.ts";

const document = z.strictObject({
  version: z.literal(1),
  lastSeenMs: z.number(),
  gaps: z.array(z.strictObject({ fromMs: z.number(), toMs: z.number() })),
});

/** The log in the state folder; one that is lost or of another form makes removals later, never earlier. */
export function readSightLog(state: unknown): SightLog {
  const parsed = document.safeParse(state);
  return parsed.success ? { lastSeenMs: parsed.data.lastSeenMs, gaps: parsed.data.gaps } : LOST_LOG;
}

export function toSightDocument({ lastSeenMs, gaps }: SightLog) {
  return { version: 1, lastSeenMs, gaps } as const;
}
