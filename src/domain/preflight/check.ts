/** The white paper's eight sections by its names and in its order (8.1), and ours after them. */
export const SECTIONS = [
  "Binary",
  "clients.conf",
  "BASE_DIR",
  "bconsole",
  "PostgreSQL catalog",
  "OpenStack API",
  ".query per client",
  "Runtime config",
  "Director resources",
  "Director include",
  "Deduplication",
] as const;

export type Section = (typeof SECTIONS)[number];

/**
 * What one check of `preflight` found. `OK` and `SKIP` say all in their line (`SKIP` also why); `WARN` and `FAIL` have
 * what it comes from and what to do. `FAIL`: a sync would not do its work. `WARN`: it would, at a price or a risk.
 */
export type Check =
  | { readonly level: "OK" | "SKIP"; readonly line: string }
  | { readonly level: "WARN" | "FAIL"; readonly line: string; readonly cause: string; readonly remedy: string };

export interface SectionChecks {
  readonly section: Section;
  readonly checks: readonly Check[];
}

export function ok(line: string): Check {
  return { level: "OK", line };
}

/** Not looked at; the line ends in the reason. */
export function skip(line: string): Check {
  return { level: "SKIP", line };
}

export function warn(line: string, cause: string, remedy: string): Check {
  return { level: "WARN", line, cause, remedy };
}

export function fail(line: string, cause: string, remedy: string): Check {
  return { level: "FAIL", line, cause, remedy };
}
