import { formatTimestamp } from "../jobfile/timestamps.ts";

/** The largest time that JavaScript and RFC 3339 with four digits of year can both write. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** A time as the status writes it, which is the form of the `#@` headers; what no year of four digits has is bounded. */
export function wireTime(ms: number): string {
  return formatTimestamp(Math.min(Math.max(ms, 0), LATEST_MS));
}
