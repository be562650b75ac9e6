import { parseTimestamp } from "../../domain/jobfile/timestamps.ts";

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;
const FROM_NOW = /^\+(\d{1,6}(?:\.\d{1,6})?)([dhm])$/u;
const DAY = /^\d{4}-\d{2}-\d{2}$/u;

export const MOMENT_ALLOWED =
  "a moment that is not over yet, such as +30d, +12h, 2027-01-31 or 2027-01-31T12:00:00Z (a day begins in TIMEZONE)";

/** Reads the value of `--at`, ms since the epoch; undefined when it is none, or lies before `nowMs`. */
export function readMoment(text: string, nowMs: number, timeZone: string): number | undefined {
  const [, amount, unit] = FROM_NOW.exec(text) ?? [];
  if (amount !== undefined) return nowMs + Number(amount) * UNITS[unit as keyof typeof UNITS];
  const ms = parseTimestamp(DAY.test(text) ? `${text} 00:00:00` : text, timeZone);
  return ms === undefined || ms < nowMs ? undefined : ms;
}
