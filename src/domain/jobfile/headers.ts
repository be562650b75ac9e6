import type { JobHeaders } from "./job-file.ts";

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

/** A header line, its name and its value; any white space after the colon. */
export const HEADER_LINE = /^#@([a-z-]+):([ \t]*)(.*?)[ \t]*$/;

/** Values stand in one column, except the name of the VM, as in the white paper's sample. */
export function headerLine(header: keyof JobHeaders, value: string): string {
  const start = `#@${HEADER_NAMES[header]}:`;
  return header === "vm" ? `${start} ${value}` : `${start.padEnd(17)}${value}`;
}
