import type { RecordLines } from "./answer-records.ts";
import type { VmWishes } from "./discovery.ts";

/** What one record says: which uuids it shows (at least one, in lower case), and what may be believed beyond that. */
export type RecordReading =
  | {
      readonly kind: "record";
      readonly uuids: readonly [string, ...string[]];
      readonly name: string;
      readonly wishes: VmWishes;
    }
  | { readonly kind: "broken"; readonly problem: string };

/**
 * Reads the tokens of the white paper (3.1): `server=` and `uuid=` mandatory, `tag=` and `backup=` optional, all other
 * keys tolerated.
 *
 * Values are raw: nothing tells where a name or a tag ends, and both are the tenant's. The only sure thing is a token
 * that is `uuid=` and a well-formed uuid. So each of those counts as seen, whatever stands around it, and the rest is
 * believed only when it can be read in one way: with two uuids, a key twice, or a `tag=` or `backup=` that may belong to
 * the name (it stands before the uuid, or behind `server=` on one line), the record is `ambiguous`.
 */
export function readRecord(record: RecordLines): RecordReading {
  const tokens = record.lines.flatMap(tokensOfLine);
  const uuidTokens = tokens.filter((token) => token.key === "uuid");
  const uuids = uuidTokens.flatMap((token) => UUID.exec(token.value)?.[1]?.toLowerCase() ?? []);
  const [first, ...others] = uuids;
  if (first === undefined) {
    return { kind: "broken", problem: uuidTokens.length === 0 ? "has no uuid=" : "has no well-formed uuid" };
  }
  const name = nameOf(record.lines);
  if (name === undefined) return { kind: "broken", problem: "has no server=" };
  return { kind: "record", uuids: [first, ...others], name, wishes: wishesOf(tokens) };
}

interface Token {
  readonly key: string;
  /** Up to the next token of its line, trimmed. */
  readonly value: string;
  /** The key of the last `server=` or `uuid=` before it on the same line; undefined when it begins its line's tokens. */
  readonly after: "server" | "uuid" | undefined;
}

/** At the start of the line or behind a blank. Linear: each try ends at the next character that no key has. */
const TOKEN = /(?:^|[ \t])([A-Za-z_][\w.-]*)=/g;
const UUID = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?=[ \t]|$)/i;
const UUID_LENGTH = 36;

function tokensOfLine(line: string): Token[] {
  const starts = [...line.matchAll(TOKEN)];
  const tokens: Token[] = [];
  let after: Token["after"];
  for (const [at, start] of starts.entries()) {
    const key = start[1] ?? "";
    const value = line.slice(start.index + start[0].length, starts[at + 1]?.index).trim();
    tokens.push({ key, value, after });
    if (key === "server" || key === "uuid") after = key;
  }
  return tokens;
}

function wishesOf(tokens: readonly Token[]): VmWishes {
  const uuidAt = tokens.findIndex((token) => token.key === "uuid");
  const isDoubtful = tokens.some((token, at) => {
    switch (token.key) {
      case "server":
        return false;
      case "uuid":
        return token.value.length > UUID_LENGTH;
      case "tag":
      case "backup":
        return at < uuidAt || token.after === "server";
      case "error":
        return at > uuidAt;
      default:
        return false;
    }
  });
  if (isDoubtful || OWN_KEYS.some((key) => tokens.filter((token) => token.key === key).length > 1)) {
    return { kind: "ambiguous" };
  }
  const tag = tokens.find((token) => token.key === "tag")?.value;
  const backup = tokens.find((token) => token.key === "backup")?.value;
  const optedOut = backup?.toLowerCase() === "false";
  if (tag === undefined || tag === "") return optedOut ? OPTED_OUT : NO_WISH;
  return { kind: "read", jobDefsTag: tag, optedOut };
}
const NO_WISH: VmWishes = { kind: "read", optedOut: false };
const OPTED_OUT: VmWishes = { kind: "read", optedOut: true };
const OWN_KEYS = ["server", "uuid", "tag", "backup"];

/**
 * All between `server=` and the last ` uuid=` behind it, since a name may hold blanks and `=`; on a line without a uuid
 * behind it, the rest of the line, less the keys that OpenStack itself has.
 */
function nameOf(lines: readonly string[]): string | undefined {
  const line = lines.find((candidate) => SERVER.test(candidate));
  const start = line === undefined ? null : SERVER.exec(line);
  if (line === undefined || start === null) return undefined;
  const raw = line.slice(start.index + start[0].length);
  const uuid = [...raw.matchAll(BEFORE_UUID)].at(-1);
  return raw.slice(0, uuid?.index).replace(OPENSTACK_FIELDS, "").trim();
}
const SERVER = /(?:^|[ \t])server=/;
const BEFORE_UUID = /(?:^|[ \t])uuid=/g;
const OPENSTACK_FIELDS = /(?:^|[ \t])(?:id|name|status|project)=.*$/;
