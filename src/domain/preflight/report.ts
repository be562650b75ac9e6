import type { Check, SectionChecks } from "./check.ts";

export type Counts = Readonly<Record<Check["level"], number>>;

/** How many checks of each level there are. */
export function countChecks(sections: readonly SectionChecks[]): Counts {
  const counts = { OK: 0, WARN: 0, FAIL: 0, SKIP: 0 };
  for (const { checks } of sections) for (const { level } of checks) counts[level] += 1;
  return counts;
}

/**
 * The lines of one section as `preflight` prints them: its name, then a line for each check with the level first, and
 * under a WARN or FAIL its cause and remedy. Control characters of foreign texts become blanks, so that none can forge
 * a line.
 */
export function sectionText({ section, checks }: SectionChecks): string {
  const lines = checks.flatMap((check) => {
    const first = `  ${check.level.padEnd(4)}  ${plain(check.line)}`;
    return "cause" in check
      ? [first, `        cause: ${plain(check.cause)}`, `        remedy: ${plain(check.remedy)}`]
      : [first];
  });
  return `${[section, ...lines].join("\n")}\n`;
}

/** The last line: `Summary: 12 OK, 1 WARN, 0 FAIL, 2 skipped`. */
export function summaryText(counts: Counts): string {
  return `Summary: ${counts.OK} OK, ${counts.WARN} WARN, ${counts.FAIL} FAIL, ${counts.SKIP} skipped\n`;
}

function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
