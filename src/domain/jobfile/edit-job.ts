import { HEADER_NAMES, HEADERS, headerLine, headerValue, readHeaderLine } from "./headers.ts";
import type { JobDirectives, JobEdit, JobHeaders } from "./job-file.ts";
import { parseJobDirectives } from "./parse-job-file.ts";
import { quotedName, UnsafeValueError } from "./quoted.ts";
import { type ResourceText, type Statement, scanResource } from "./resource-text.ts";
import { withoutStatement, withStatement } from "./statement-lines.ts";
import { formatTimestamp } from "./timestamps.ts";

const KEYWORDS = {
  jobDefs: "JobDefs",
  storage: "Storage",
  pool: "Pool",
  schedule: "Schedule",
  messages: "Messages",
  enabled: "Enabled",
} as const satisfies Partial<Record<keyof JobDirectives, string>>;
type EditedDirective = keyof typeof KEYWORDS;

/**
 * Edits a `job` file surgically (spec section 3): only the header lines and directives that must change; every other byte
 * stays, hand-added directives, comments and spacing among them, and what means the same already is not rewritten.
 * Throws UnsafeValueError for a value that could mean more than itself, and when the text is not one sound Job.
 */
export function editJob(text: string, edit: JobEdit): string {
  const read = parseJobDirectives(text);
  if (read.kind === "invalid") throw new UnsafeValueError(`line ${read.line} of the job file: ${read.reason}`);
  let edited = text;
  for (const header of HEADERS) {
    const value = edit.headers?.[header];
    if (value === undefined) continue;
    edited = value === null ? withoutHeader(edited, header) : withHeader(edited, header, headerText(header, value));
  }
  for (const directive of Object.keys(KEYWORDS) as EditedDirective[]) {
    const value = edit.directives?.[directive];
    if (value !== undefined) edited = editDirective(edited, directive, value);
  }
  return edited;
}

function headerText(header: keyof JobHeaders, value: string | number): string {
  return typeof value === "number" ? formatTimestamp(value) : headerValue(header, value);
}

/** All lines of the header: only the first one counts, and it shall not give its place to the second. */
function withoutHeader(text: string, header: keyof JobHeaders): string {
  const kept = text.split("\n").filter((line) => readHeaderLine(line)?.name !== HEADER_NAMES[header]);
  return kept.join("\n");
}

function withHeader(text: string, header: keyof JobHeaders, value: string): string {
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const present = readHeaderLine(line);
    if (present?.name !== HEADER_NAMES[header]) continue;
    const isSame = header === "uuid" ? present.value.toLowerCase() === value : present.value === value;
    if (isSame) return text;
    lines[index] = `#@${present.name}:${present.gap}${value}`;
    return lines.join("\n");
  }
  lines.splice(placeOf(header, lines), 0, headerLine(header, value));
  return lines.join("\n");
}

/** Behind the last header that comes before it in the order of the format. */
function placeOf(header: keyof JobHeaders, lines: readonly string[]): number {
  const before = new Set<string>(HEADERS.slice(0, HEADERS.indexOf(header)).map((name) => HEADER_NAMES[name]));
  const last = lines.findLastIndex((line) => before.has(readHeaderLine(line)?.name ?? ""));
  return last + 1;
}

function editDirective(text: string, directive: EditedDirective, value: string | boolean | null): string {
  const scan = scanResource(text);
  if (scan.kind === "invalid") throw new UnsafeValueError(`line ${scan.line} of the job file: ${scan.reason}`);
  const keyword = KEYWORDS[directive];
  const present = find(scan.resource, keyword);
  if (value === null) return present === undefined ? text : withoutStatement(text, present);
  const token = typeof value === "boolean" ? (value ? "yes" : "no") : quotedName(keyword, value);
  if (present === undefined) {
    // In front of `Enabled`, which is the last line of the format.
    const place = find(scan.resource, "Enabled")?.start ?? scan.resource.closingBrace;
    const neighbour = scan.resource.statements.find(({ path }) => path.length === 0);
    return withStatement(text, { keyword, token, place, neighbour, ownForm: `  ${keyword.padEnd(10)} = ` });
  }
  return meansTheSame(present, value) ? text : text.slice(0, present.valueStart) + token + text.slice(present.valueEnd);
}

function find(resource: ResourceText, keyword: string): Statement | undefined {
  return resource.statements.find((own) => own.path.length === 0 && own.keyword === keyword.toLowerCase());
}

function meansTheSame(present: Statement, value: string | boolean): boolean {
  if (typeof value === "string") return present.value === value;
  return (value ? ["yes", "true"] : ["no", "false"]).includes(present.value.toLowerCase());
}
