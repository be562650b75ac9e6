import type { JobDirectives } from "../../domain/jobfile/job-file.ts";

/**
 * Jobs of one group have the same next run: they name the same Schedule and Client, or leave that to the same JobDefs. So
 * the Director is asked about one job of each group, and not about a hundred thousand.
 */
export function scheduleGroup({ schedule, client, jobDefs }: JobDirectives): string {
  const left = schedule === undefined || client === undefined ? jobDefs : undefined;
  return [schedule, client, left].map((name) => (name === undefined ? "-" : `=${name}`)).join("\n");
}
