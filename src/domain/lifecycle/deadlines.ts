import type { ClientPolicy } from "../client/client-policy.ts";
import type { JobHeaders } from "../jobfile/job-file.ts";

const DAY_MS = 86_400_000;

/** When an absence leads to what, in ms since the epoch; absent: not on the way there. */
export interface Deadlines {
  readonly disableAt?: number | undefined;
  readonly purgeAt?: number | undefined;
}

export type DeadlinePolicy = Pick<ClientPolicy, "graceDays" | "cleanupAfterDays">;

/**
 * The deadlines of one job (spec section 4). `blindMs` is the part of the absence in which discovery did not work: it
 * does not count and moves both deadlines (rule 3). A purge needs the whole absence and the age of the disable
 * (white paper 8.4); without `cleanupAfterDays` there is none (rule 5).
 */
export function deadlines(headers: JobHeaders, policy: DeadlinePolicy, blindMs: number): Deadlines {
  if (headers.missingSince === undefined) return {};
  const graceEndsAt = headers.missingSince + policy.graceDays * DAY_MS + blindMs;
  const disableAt = headers.status === "active" ? graceEndsAt : undefined;
  if (policy.cleanupAfterDays === undefined) return { disableAt };
  const cleanupMs = policy.cleanupAfterDays * DAY_MS;
  const byAbsence = graceEndsAt + cleanupMs;
  if (headers.status === "active") return { disableAt, purgeAt: byAbsence };
  return { purgeAt: headers.disabled === undefined ? byAbsence : Math.max(byAbsence, headers.disabled + cleanupMs) };
}
