import type { FileSetPolicy, PluginLinePolicy } from "./file-set-policy.ts";
import { UnsafeValueError } from "./quoted.ts";

/** A word of the plugin line: a blank or quote in it would begin another. */
const WORD = /^[A-Za-z0-9:._-]+$/;
const KEYWORD = /^[A-Za-z0-9_-]+$/;
const PROXY = "proxy_server=";

/**
 * The Plugin line of one VM. It always names the uuid: a FileSet without a selector backs up the whole cloud. Throws
 * UnsafeValueError.
 */
export function renderPluginLine({ name, proxyServer, selector, options }: PluginLinePolicy, uuid: string): string {
  if (!KEYWORD.test(selector))
    throw new UnsafeValueError(`plugin selector ${JSON.stringify(selector)} is no keyword such as instance`);
  const start = `${optionWord("plugin name", name)}: ${PROXY}${optionWord("proxy server", proxyServer)} ${selector}=${optionWord("uuid", uuid)}`;
  return options === "" ? start : `${start} ${options}`;
}

/** A value that must be one word; throws UnsafeValueError. */
export function optionWord(what: string, value: string): string {
  if (!WORD.test(value))
    throw new UnsafeValueError(`${what} ${JSON.stringify(value)} is not one word of letters, digits and : . _ -`);
  return value;
}

/** What policy said when it was applied last, and says now. */
export interface FileSetChange {
  readonly uuid: string;
  readonly from: FileSetPolicy;
  readonly to: FileSetPolicy;
}

/**
 * Which of a FileSet's Plugin lines follows a changed policy, and what it says then; undefined: none. Three-way for each
 * part (spec section 3): a part is edited only when policy changed it and the line still has the old policy's; all else
 * of the line stays byte for byte. The line is the one that selects the VM: where none does, or several, they are a
 * person's. Options are a part as a whole: a word that somebody added makes them a person's.
 */
export function changedPluginLine(
  lines: readonly string[],
  { uuid, from: { plugin: from }, to: { plugin: to } }: FileSetChange,
): { readonly index: number; readonly line: string } | undefined {
  const selectors = [from.selector, to.selector].map((selector) => `${selector}=${uuid}`);
  const selecting = lines.flatMap((line, index) => {
    const read = readPluginLine(line, selectors);
    return read === undefined ? [] : [{ index, line, read }];
  });
  const [only, second] = selecting;
  if (only === undefined || second !== undefined) return undefined;
  const line = withEdits(only.line, editsOf(only.read, from, to));
  return line === only.line ? undefined : { index: only.index, line };
}

interface Piece {
  readonly start: number;
  readonly text: string;
}
/** `name: proxy_server=... instance=<uuid> ...`, its words in any order. */
interface ReadPluginLine {
  readonly name: Piece;
  readonly selector: Piece;
  readonly proxies: readonly Piece[];
  readonly others: readonly Piece[];
  readonly words: readonly Piece[];
}

function readPluginLine(line: string, selectors: readonly string[]): ReadPluginLine | undefined {
  const [head, indent = "", text = ""] = /^([ \t\n]*)([^ \t\n:]+)[ \t\n]*:/.exec(line) ?? [];
  if (head === undefined) return undefined;
  const words = [...line.slice(head.length).matchAll(/[^ \t\n]+/g)].map(({ 0: word, index }) => ({
    start: head.length + index,
    text: word,
  }));
  const isSelector = (word: Piece) => selectors.includes(withLowerCaseValue(word.text));
  const [selector, second] = words.filter(isSelector);
  if (selector === undefined || second !== undefined) return undefined;
  const isProxy = (word: Piece) => word.text.startsWith(PROXY);
  const others = words.filter((word) => word !== selector && !isProxy(word));
  return { name: { start: indent.length, text }, selector, proxies: words.filter(isProxy), others, words };
}

/** Uuids are compared in lower case, keywords as they are. */
function withLowerCaseValue(word: string): string {
  const at = word.indexOf("=");
  return at === -1 ? word : word.slice(0, at) + word.slice(at).toLowerCase();
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function editsOf(read: ReadPluginLine, from: PluginLinePolicy, to: PluginLinePolicy): readonly Edit[] {
  const { name, selector, proxies, others, words } = read;
  const edits: Edit[] = [];
  const replace = (start: number, length: number, text: string) => edits.push({ start, end: start + length, text });
  if (name.text === from.name) replace(name.start, name.text.length, to.name);
  if (selector.text.startsWith(`${from.selector}=`)) replace(selector.start, from.selector.length, to.selector);
  const [proxy] = proxies;
  if (proxies.length === 1 && proxy?.text === PROXY + from.proxyServer)
    replace(proxy.start + PROXY.length, from.proxyServer.length, to.proxyServer);
  if (from.options !== to.options && others.map(({ text }) => text).join(" ") === from.options)
    edits.push(...optionEdits(words, others, name, to.options));
  return edits;
}

/** Words that stand apart from each other are a form that a person chose. */
function optionEdits(words: readonly Piece[], others: readonly Piece[], name: Piece, options: string): readonly Edit[] {
  const [first] = others;
  const last = others.at(-1);
  if (first === undefined || last === undefined) {
    const end = endOf(words.at(-1) ?? name);
    return [{ start: end, end, text: ` ${options}` }];
  }
  const at = words.indexOf(first);
  if (words.indexOf(last) - at !== others.length - 1) return [];
  if (options !== "") return [{ start: first.start, end: endOf(last), text: options }];
  // The blanks in front of the options go with them; behind the colon one word must follow another's place.
  const before = words[at - 1];
  if (before !== undefined) return [{ start: endOf(before), end: endOf(last), text: "" }];
  return [{ start: first.start, end: words[at + others.length]?.start ?? endOf(last), text: "" }];
}

function endOf({ start, text }: Piece): number {
  return start + text.length;
}

function withEdits(line: string, edits: readonly Edit[]): string {
  let edited = line;
  for (const { start, end, text } of [...edits].sort((a, b) => b.start - a.start))
    edited = edited.slice(0, start) + text + edited.slice(end);
  return edited;
}
