import { isIncludedPlugin, parseFileSetFile } from "./parse-fileset-file.ts";
import { changedPluginLine, type FileSetChange, optionWord } from "./plugin-line.ts";
import { UnsafeValueError } from "./quoted.ts";
import { type ResourceText, type Statement, scanResource } from "./resource-text.ts";
import { withoutStatement, withStatement } from "./statement-lines.ts";

/**
 * Has a `fileset` file follow a changed policy, surgically (spec section 3): signature, dedup and each part of the Plugin
 * line are edited only when policy changed them and the file still has the old policy's; every other byte stays. Throws
 * UnsafeValueError for a value that could mean more than itself, and when the text is not one sound FileSet.
 */
export function editFileSet(text: string, change: FileSetChange): string {
  let edited = editPlugin(text, change);
  edited = editOption(edited, "signature", change.from.signature, change.to.signature);
  edited = editOption(edited, "dedup", change.from.dedup, change.to.dedup);
  const read = parseFileSetFile(edited);
  if (read.kind === "invalid") throw new UnsafeValueError(`line ${read.line} of the fileset file: ${read.reason}`);
  return edited;
}

function scan(text: string): ResourceText {
  const scanned = scanResource(text);
  if (scanned.kind === "invalid")
    throw new UnsafeValueError(`line ${scanned.line} of the fileset file: ${scanned.reason}`);
  return scanned.resource;
}

function editPlugin(text: string, change: FileSetChange): string {
  // Without quotes there is no room for a second word, so such a line is a person's.
  const lines = scan(text).statements.filter((statement) => isIncludedPlugin(statement) && statement.isQuoted);
  const inside = lines.map(({ valueStart, valueEnd }) => text.slice(valueStart + 1, valueEnd - 1));
  const changed = changedPluginLine(inside, change);
  const statement = lines[changed?.index ?? -1];
  if (changed === undefined || statement === undefined) return text;
  const { name, proxyServer, selector } = change.to.plugin;
  for (const [what, value] of Object.entries({ name, proxyServer, selector })) optionWord(`plugin ${what}`, value);
  if (/["\\]/.test(change.to.plugin.options))
    throw new UnsafeValueError(`plugin options ${JSON.stringify(change.to.plugin.options)} have a quote or backslash`);
  return `${text.slice(0, statement.valueStart + 1)}${changed.line}${text.slice(statement.valueEnd - 1)}`;
}

function editOption(text: string, keyword: "signature" | "dedup", from: string, to: string): string {
  if (isSame(from, to)) return text;
  const { statements, blocks } = scan(text);
  const options = blocks.filter(({ path }) => isOptions(path));
  const inside = statements.filter(({ path }) => isOptions(path));
  const [present, second] = inside.filter((statement) => statement.keyword === keyword);
  const [block] = options;
  // Where a person has made several blocks or lines of it, nobody can say which is the policy's.
  if (block === undefined || options.length > 1 || second !== undefined) return text;
  if (!isSame(present?.value ?? "", from)) return text;
  if (to === "") return present === undefined ? text : withoutStatement(text, present);
  const token = optionWord(keyword, to);
  if (present !== undefined) return withValue(text, present, token);
  const [neighbour] = inside;
  return withStatement(text, {
    keyword,
    token,
    place: block.closingBrace,
    neighbour,
    ownForm: `      ${keyword.padEnd(9)} = `,
  });
}

function withValue(text: string, { valueStart, valueEnd, isQuoted }: Statement, token: string): string {
  return text.slice(0, valueStart) + (isQuoted ? `"${token}"` : token) + text.slice(valueEnd);
}

function isOptions(path: readonly string[]): boolean {
  return path.length === 2 && path[0] === "include" && path[1] === "options";
}

/** Bacula takes the words of these options in any case. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
