import {
  type AllowedText,
  FOLDER_NAME,
  isAllowed,
  JOB_PREFIX,
  MAX_FOLDERS_LENGTH,
  PLUGIN_WORD,
  RESERVED_DATACENTERS,
  RESOURCE_NAME,
} from "./allowed-text.ts";
import type { ClientIdentity } from "./client-policy.ts";

/** One line of clients.conf: a client as its administrator names it. What it does not say, the settings do. */
export interface ClientLine extends ClientIdentity {
  readonly proxyServer: string;
  /** Absent: the setting JOBDEFS counts. */
  readonly jobDefs?: string | undefined;
  /** Counted from 1. */
  readonly line: number;
}

export type ClientsConf =
  | { readonly kind: "ok"; readonly lines: readonly ClientLine[] }
  /** One sentence for each fault: file, line, value, and what is allowed. None of the file is to be used. */
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

const FIELDS: readonly { readonly name: string; readonly rule: AllowedText }[] = [
  { name: "datacenter", rule: FOLDER_NAME },
  { name: "openstack", rule: FOLDER_NAME },
  { name: "client", rule: RESOURCE_NAME },
  { name: "proxy_server", rule: PLUGIN_WORD },
  { name: "job_prefix", rule: JOB_PREFIX },
  { name: "jobdefs", rule: RESOURCE_NAME },
];
const USAGE = `${FIELDS.slice(0, -1)
  .map(({ name }) => name)
  .join(" ")} [jobdefs]`;
const FEWEST = FIELDS.length - 1;
/** A file that is no clients.conf at all has a fault in each line. */
const MOST_PROBLEMS = 20;

/**
 * Reads a clients.conf (white paper 4.3): one client a line, 5 or 6 fields separated by blanks or tabs; a word that
 * begins with `#` ends the line, and empty lines count for nothing. All faults are told at once. Two lines that claim
 * the same client, prefix or folder are no fault of the text: `judgeClaims` decides between them (rule 6).
 *
 * `file` is only for the messages.
 */
export function parseClientsConf(text: string, file: string): ClientsConf {
  const lines: ClientLine[] = [];
  const problems: string[] = [];
  for (const [index, wholeLine] of text.split(/\r?\n/u).entries()) {
    const words = wordsOf(wholeLine);
    if (words.length === 0) continue;
    const line = index + 1;
    const faults = faultsOf(words);
    problems.push(...faults.map((fault) => `${file} line ${line}: ${fault}`));
    const [datacenter = "", openstack = "", client = "", proxyServer = "", jobPrefix = "", jobDefs] = words;
    if (faults.length === 0) lines.push({ datacenter, openstack, client, proxyServer, jobPrefix, jobDefs, line });
  }
  if (problems.length === 0) return { kind: "ok", lines };
  const more = problems.length - MOST_PROBLEMS;
  const shown = problems.slice(0, MOST_PROBLEMS);
  return { kind: "invalid", problems: more > 0 ? [...shown, `${file} has ${more} more faults`] : shown };
}

function wordsOf(line: string): readonly string[] {
  const words = line.split(/[ \t]+/u).filter((word) => word !== "");
  const comment = words.findIndex((word) => word.startsWith("#"));
  return comment === -1 ? words : words.slice(0, comment);
}

function faultsOf(words: readonly string[]): readonly string[] {
  if (words.length < FEWEST || words.length > FIELDS.length) return [wrongNumber(words)];
  const faults = FIELDS.flatMap(({ name, rule }, index) => {
    const word = words[index];
    return word === undefined || isAllowed(word, rule)
      ? []
      : [`${name} is ${quoted(word)}${notAscii(word)}: it is ${rule.allowed}`];
  });
  const [datacenter = "", openstack = ""] = words;
  if (RESERVED_DATACENTERS.includes(datacenter))
    faults.push(`datacenter is ${quoted(datacenter)}: BASE_DIR has a file of this name, so it is any other name`);
  if (datacenter.length + openstack.length > MAX_FOLDERS_LENGTH)
    faults.push(
      `datacenter and openstack are ${quoted(datacenter)} and ${quoted(openstack)}: together they have at most ${MAX_FOLDERS_LENGTH} characters, since both are part of each FileSet's name`,
    );
  return faults;
}

function wrongNumber(words: readonly string[]): string {
  const isAlone = words.length === 1 ? " A JobDefs stands at the end of its client's own line." : "";
  const fields = words.length === 1 ? "1 field" : `${words.length} fields`;
  return `${quoted(words.join(" "))} has ${fields}: a line has 5 or 6, ${USAGE}.${isAlone}`;
}

/** Bytes that look like a blank or a letter and are none are hard to see in an editor. */
function notAscii(word: string): string {
  const odd = /[^\p{ASCII}]/u.exec(word)?.[0]?.codePointAt(0);
  return odd === undefined ? "" : ` (with U+${odd.toString(16).toUpperCase().padStart(4, "0")}, which is not ASCII)`;
}

const MOST_SHOWN = 120;

/** One line whatever is in it, and not longer than one can read. */
function quoted(word: string): string {
  const text = JSON.stringify(word).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "?");
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN - 4)}..."`;
}
