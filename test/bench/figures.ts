import { cpus, totalmem } from "node:os";

/** The middle one; of an even number the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** `1.23 s [1.20..1.31]`: the median and what it lies between. */
export function seconds(values: readonly number[]): string {
  const shown = (value: number) => value.toFixed(value < 10 ? 2 : 1);
  return values.length === 1
    ? `${shown(median(values))} s`
    : `${shown(median(values))} s [${shown(Math.min(...values))}..${shown(Math.max(...values))}]`;
}

/** The ratio of two medians with its goal. */
export function ratio(ours: readonly number[], baseline: readonly number[], goal: string): string {
  return `${(median(ours) / median(baseline)).toFixed(2)}x (goal: ${goal})`;
}

export function print(what: string, figure: string): void {
  console.log(`  ${what.padEnd(46)} ${figure}`);
}

/** What is being done now, on stderr: figures alone are on stdout. */
export function progress(text: string): void {
  console.error(`[${new Date().toISOString().slice(11, 19)}] ${text}`);
}

export function printHead(name: string, what: string): void {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 1024 ** 3);
  console.log(`\n${name}: ${what}`);
  console.log(
    `  machine: ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${gib} GiB; Node ${process.version}`,
  );
}
