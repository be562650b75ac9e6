import type { JobHeaders } from "./job-file.ts";
import { UnsafeValueError } from "./quoted.ts";
import { vmHeader } from "./vm-header.ts";

/** The `#@` headers in the order in which they stand in a file, with the name that each has there. */
export const HEADER_NAMES = {
  vm: "vm",
  uuid: "uuid",
  datacenter: "datacenter",
  openstack: "openstack",
  client: "client",
  status: "status",
  missingSince: "missing-since",
  disabled: "disabled",
  reenabled: "reenabled",
  hold: "hold",
  suspend: "suspend",
  jobDefs: "jobdefs",
  firstBackup: "first-backup",
} as const satisfies Record<keyof JobHeaders, string>;

export const HEADERS = Object.keys(HEADER_NAMES) as readonly (keyof JobHeaders)[];

/**
 * Comment lines that are ours: state and marks, not configuration. They do not reach what is published, and no line of
 * a value may look like one.
 */
export const OUR_COMMENT = /^#(?:@| Managed by bacula-openstack-sync| from [^\n]+\/(?:job|fileset)$)/;

/** One `#@name: value` line; `gap` is the white space between. */
export interface HeaderLine {
  readonly name: string;
  readonly gap: string;
  readonly value: string;
}

/** Reads a header line with any blanks around its value; undefined for any other line. */
export function readHeaderLine(line: string): HeaderLine | undefined {
  const match = /^#@([a-z-]+):([ \t]*)/.exec(line);
  if (match?.[1] === undefined) return undefined;
  let end = line.length;
  while (end > match[0].length && (line[end - 1] === " " || line[end - 1] === "\t")) end--;
  return { name: match[1], gap: match[2] ?? "", value: line.slice(match[0].length, end) };
}

/** Values stand in one column, except the name of the VM, as in the white paper's sample. */
export function headerLine(header: keyof JobHeaders, value: string): string {
  const start = `#@${HEADER_NAMES[header]}:`;
  return header === "vm" ? `${start} ${value}` : `${start.padEnd(17)}${value}`;
}

const BREAK = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * What a header says of a value. A tenant's name and a person's words are made harmless; every other value was checked
 * before, and throws UnsafeValueError when it would not be read back as it is.
 */
export function headerValue(header: keyof JobHeaders, value: string): string {
  if (header === "vm") return vmHeader(value);
  if (header === "hold" || header === "suspend") {
    return value.toWellFormed().replaceAll(new RegExp(BREAK, "gu"), " ").trim();
  }
  if (BREAK.test(value) || value.trim() !== value || !value.isWellFormed())
    throw new UnsafeValueError(`#@${HEADER_NAMES[header]} ${JSON.stringify(value)} is not one plain line`);
  return header === "uuid" ? value.toLowerCase() : value;
}
