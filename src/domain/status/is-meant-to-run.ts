import type { JobFile } from "../jobfile/job-file.ts";

/** Whether the job's own file lets it run: neither a person nor we have disabled it there. */
export function isMeantToRun({ headers, directives }: JobFile): boolean {
  return headers.status === "active" && directives.enabled !== false;
}
