const UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** The wire form of a duration: whole hours, minutes and seconds in this order, each at most once. RE2 knows it too. */
export const DURATION_PATTERN = /^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$/u;
export const DURATION_ALLOWED = "a duration with units, such as 90s, 5m or 1h30m";

/** Reads `90s`, `5m`, `1h30m` into milliseconds; `undefined` for anything else, also for a number without a unit. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  if (match === null || text === "") return undefined;
  let ms = 0;
  for (const [index, [, unitMs]] of UNITS.entries()) ms += Number.parseInt(match[index + 1] ?? "0", 10) * unitMs;
  return ms;
}

/** The shortest wire form, such as `1h30m`; what is less than a second is cut. */
export function formatDuration(ms: number): string {
  let rest = Math.floor(ms / 1_000) * 1_000;
  let text = "";
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
