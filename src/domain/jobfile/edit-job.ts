import { HEADER_LINE, HEADER_NAMES, HEADERS, headerLine } from "./headers.ts";
import type { JobDirectives, JobEdit, JobHeaders } from "./job-file.ts";
import { quoted, UnsafeValueError } from "./quoted.ts";
import { type Statement, scanResource } from "./resource-text.ts";
import { formatTimestamp } from "./timestamps.ts";
import { vmHeader } from "./vm-header.ts";

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
 * Throws UnsafeValueError for a value that could mean more than itself, and when the text is not one Job resource.
 */
export function editJob(text: string, edit: JobEdit): string {
  let edited = text;
  for (const header of HEADERS) {
    const value = edit.headers?.[header];
    if (value !== undefined) edited = editHeader(edited, header, value === null ? null : headerText(header, value));
  }
  for (const directive of Object.keys(KEYWORDS) as EditedDirective[]) {
    const value = edit.directives?.[directive];
    if (value !== undefined) edited = editDirective(edited, directive, value);
  }
  return edited;
}

function headerText(header: keyof JobHeaders, value: string | number): string {
  if (typeof value === "number") return formatTimestamp(value);
  // A person's words and a tenant's name are made harmless; every other value is a name that was checked before.
  return header === "uuid" ? value.toLowerCase() : vmHeader(value);
}

function editHeader(text: string, header: keyof JobHeaders, value: string | null): string {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => HEADER_LINE.exec(line)?.[1] === HEADER_NAMES[header]);
  const present = at === -1 ? undefined : HEADER_LINE.exec(lines[at] ?? "");
  if (present === undefined || present === null) {
    if (value !== null) lines.splice(placeOf(header, lines), 0, headerLine(header, value));
  } else if (value === null) {
    lines.splice(at, 1);
  } else if (present[3] !== value) {
    lines[at] = `#@${present[1]}:${present[2]}${value}`;
  }
  return lines.join("\n");
}

/** Behind the last header that comes before it in the order of the format. */
function placeOf(header: keyof JobHeaders, lines: readonly string[]): number {
  const before = new Set<string>(HEADERS.slice(0, HEADERS.indexOf(header)).map((name) => HEADER_NAMES[name]));
  const last = lines.findLastIndex((line) => before.has(HEADER_LINE.exec(line)?.[1] ?? ""));
  return last + 1;
}

function editDirective(text: string, directive: EditedDirective, value: string | boolean | null): string {
  const scan = scanResource(text);
  if (scan.kind === "invalid") throw new UnsafeValueError(`line ${scan.line} of the job file: ${scan.reason}`);
  const { statements, closingBrace } = scan.resource;
  const own = statements.filter(({ path }) => path.length === 0);
  const keyword = KEYWORDS[directive];
  const present = own.find((statement) => statement.keyword === keyword.toLowerCase());

  if (value === null) return present === undefined ? text : withoutLine(text, present);
  const token = typeof value === "boolean" ? (value ? "yes" : "no") : quoted(keyword, value);
  if (present !== undefined) {
    return meansTheSame(present, value)
      ? text
      : text.slice(0, present.valueStart) + token + text.slice(present.valueEnd);
  }
  const enabled = own.find((statement) => statement.keyword === "enabled");
  const lineStart = text.lastIndexOf("\n", (enabled?.valueStart ?? closingBrace) - 1) + 1;
  const line = likeItsNeighbours(text, own[0], keyword, token);
  // A closing brace that shares its line with something else gets the new directive in front of it.
  if (enabled === undefined && text.slice(lineStart, closingBrace).trim() !== "") {
    return `${text.slice(0, closingBrace)}\n${line}\n${text.slice(closingBrace)}`;
  }
  return `${text.slice(0, lineStart)}${line}\n${text.slice(lineStart)}`;
}

function meansTheSame(present: Statement, value: string | boolean): boolean {
  if (typeof value === "string") return present.value === value;
  return (value ? ["yes", "true"] : ["no", "false"]).includes(present.value.toLowerCase());
}

function withoutLine(text: string, statement: Statement): string {
  const start = text.lastIndexOf("\n", statement.valueStart) + 1;
  const end = text.indexOf("\n", statement.valueEnd);
  return text.slice(0, start) + (end === -1 ? "" : text.slice(end + 1));
}

/** A new directive is indented and aligned as the first one of the file. */
function likeItsNeighbours(text: string, first: Statement | undefined, keyword: string, token: string): string {
  const start = first === undefined ? -1 : text.lastIndexOf("\n", first.valueStart) + 1;
  const model = /^([ \t]*)([^=\n]*?)([ \t]*)=([ \t]*)/.exec(
    first === undefined ? "  Name       = " : text.slice(start, first.valueStart),
  );
  const [, indent = "  ", name = "", gap = " ", after = " "] = model ?? [];
  const padded = keyword.padEnd(name.length + gap.length - (gap === "" ? 0 : 1)) + (gap === "" ? "" : " ");
  return `${indent}${padded}=${after}${token}`;
}
