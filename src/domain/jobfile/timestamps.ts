const EARLIEST_MS = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;
const UTC_FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const LOCAL_FORM = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;

/** The form of `#@` times: UTC, whole seconds, `2026-05-18T19:00:00Z`. */
export function formatTimestamp(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** The form of the `created:` comment, in UTC: `2026-05-18 19:00:00`. */
export function formatCreated(ms: number): string {
  return formatTimestamp(ms).replace("T", " ").replace("Z", "");
}

/**
 * Reads both forms of the white paper's files: ours, and `YYYY-MM-DD HH:MM:SS` in the given IANA time zone. Milliseconds
 * since the epoch; undefined when it is neither or no such day or time exists. Where clocks were changed, a time that
 * came twice is the later one, and one that was skipped is moved on by the skip: an absence is never made longer.
 */
export function parseTimestamp(text: string, timeZone: string): number | undefined {
  if (UTC_FORM.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) || formatTimestamp(ms) !== text ? undefined : ms;
  }
  const parts = LOCAL_FORM.exec(text);
  if (parts === null) return undefined;
  const asUtc = Date.parse(`${text.replace(" ", "T")}Z`);
  if (Number.isNaN(asUtc) || formatCreated(asUtc) !== text) return undefined;
  const before = asUtc - zoneOffsetMs(asUtc - DAY_MS, timeZone);
  const after = asUtc - zoneOffsetMs(asUtc + DAY_MS, timeZone);
  const moments = [before, after].filter((ms) => ms + zoneOffsetMs(ms, timeZone) === asUtc);
  return moments.length === 0 ? Math.max(before, after) : Math.max(...moments);
}

/** Rule 3: a stamp in the future, or before there was this tool, counts as now: later removals, never earlier ones. */
export function clampTimestamp(ms: number, now: number): number {
  return ms > now || ms < EARLIEST_MS ? now : ms;
}

function zoneOffsetMs(ms: number, timeZone: string): number {
  // The zone of most servers, and a hundred thousand files are read at the start.
  if (timeZone === "UTC") return 0;
  const parts = zoneFormat(timeZone).formatToParts(new Date(ms));
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((p) => p.type === type)?.value);
  const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return local - Math.floor(ms / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(timeZone, format);
  }
  return format;
}
