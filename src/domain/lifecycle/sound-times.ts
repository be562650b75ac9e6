import type { JobHeaders } from "../jobfile/job-file.ts";
import { clampTimestamp } from "../jobfile/timestamps.ts";

/** The headers with their times as they count (rule 3): a stamp in the future, or from before this tool, counts as now. */
export function withSoundTimes(headers: JobHeaders, now: number): JobHeaders {
  const { missingSince, disabled } = headers;
  return {
    ...headers,
    missingSince: missingSince === undefined ? undefined : clampTimestamp(missingSince, now),
    disabled: disabled === undefined ? undefined : clampTimestamp(disabled, now),
  };
}
