/** The largest time that JavaScript and RFC 3339 with four digits of year can both write. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** A time as the status and the `#@` headers write it: UTC, whole seconds, such as `2026-05-18T19:00:00Z`. */
export function wireTime(ms: number): string {
  const bounded = Math.min(Math.max(ms, 0), LATEST_MS);
  return new Date(Math.floor(bounded / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
}
