import { OUR_COMMENT } from "./headers.ts";
import { TOKEN_LIMIT_BYTES, unquoted } from "./quoted.ts";
import { nameProblem } from "./resource-name.ts";
import { unquotedValue } from "./unquoted-value.ts";

/** One `Keyword = value` of the resource or of a block inside it, with its place in the text. */
export interface Statement {
  /** As Bacula compares it: without blanks, in lower case. */
  readonly keyword: string;
  /** As Bacula reads it; the entries of an unquoted list stay joined by commas. */
  readonly value: string;
  readonly isQuoted: boolean;
  /** Offset of the keyword. */
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly line: number;
  /** Names of the blocks around it, such as `include`; empty for the resource's own directives. */
  readonly path: readonly string[];
}

/** A block inside the resource. */
export interface Block {
  /** Its own name last, such as `include`, `options`. */
  readonly path: readonly string[];
  /** Offset of its closing brace. */
  readonly closingBrace: number;
}

export interface ResourceText {
  /** `job`, `fileset` ... */
  readonly type: string;
  readonly statements: readonly Statement[];
  readonly blocks: readonly Block[];
  /** Offset of the resource's closing brace. */
  readonly closingBrace: number;
}

export type Scan =
  | { readonly kind: "scanned"; readonly resource: ResourceText }
  | { readonly kind: "invalid"; readonly line: number; readonly reason: string };

/**
 * Reads a text that is exactly one Bacula resource, as the Director's own lexer would (Bacula's lex.c and parse_conf.c),
 * and refuses what that lexer would do something surprising with: includes (`@`), control characters (a CR ends a
 * comment), tokens near its limit of 5000 bytes, lines so long that it reads them in pieces, words behind a value or
 * behind a block (it drops them), an open quote or brace.
 */
export function scanResource(text: string): Scan {
  try {
    return { kind: "scanned", resource: new Scanner(text).resource() };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "invalid", line: lineAt(text, error.offset), reason: error.message };
    throw error;
  }
}

/** What is wrong with a statement whose value is a resource's name, in words that follow the keyword. */
export function nameValueProblem({ value, isQuoted }: Statement): string | undefined {
  // To Bacula a bare number is no name (lex.c: expected a name, got T_NUMBER).
  return !isQuoted && /^\d+$/.test(value) ? "is a number; a name of digits needs quotes" : nameProblem(value);
}

class Refusal extends Error {
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

const FORBIDDEN = /[^\P{Cc}\t\n]/u;
/** Bacula reads a line of 1,000,000 bytes or more in pieces (bsys.c bfgets): the rest of a comment would be configuration. */
const LINE_LIMIT = 100_000;
const DEEPEST = 20;

class Scanner {
  readonly #text: string;
  readonly #blocks: Block[] = [];
  #at = 0;
  /** Up to where line ends were counted, so that a long text is counted once. */
  #counted = { offset: 0, line: 1 };

  constructor(text: string) {
    this.#text = text;
    const bad = FORBIDDEN.exec(text);
    if (bad !== null) throw new Refusal(bad.index, "a control character");
    if (text.startsWith("\ufeff")) throw new Refusal(0, "a byte order mark: save the file without it");
    for (let start = 0, end = 0; end !== -1; start = end + 1) {
      end = text.indexOf("\n", start);
      if ((end === -1 ? text.length : end) - start >= LINE_LIMIT)
        throw new Refusal(start, `a line of ${LINE_LIMIT} characters or more`);
    }
  }

  resource(): ResourceText {
    this.#skipToToken();
    if (this.#at >= this.#text.length) throw new Refusal(this.#at, "no resource");
    const { keyword: type, start } = this.#keyword();
    if (this.#text[this.#at] !== "{")
      throw new Refusal(start, `expected a resource such as Job {, found ${this.#near(start)}`);
    this.#at++;
    const statements: Statement[] = [];
    const closingBrace = this.#block(start, [], statements);
    this.#skipToToken();
    if (this.#at < this.#text.length)
      throw new Refusal(this.#at, `more than one resource: ${this.#near(this.#at)} follows the first`);
    return { type, statements, blocks: this.#blocks, closingBrace };
  }

  /** Reads up to the closing brace and answers its offset. */
  #block(opened: number, path: readonly string[], statements: Statement[]): number {
    if (path.length > DEEPEST) throw new Refusal(opened, `more than ${DEEPEST} blocks in each other`);
    for (;;) {
      this.#skipToToken();
      if (this.#at >= this.#text.length) throw new Refusal(opened, "a brace is not closed");
      if (this.#text[this.#at] === "}") return this.#at++;
      const { keyword, start } = this.#keyword();
      const next = this.#text[this.#at];
      this.#at++;
      if (next === "{") {
        const inner = [...path, keyword];
        this.#blocks.push({ path: inner, closingBrace: this.#block(start, inner, statements) });
        this.#endOfLine(`the block ${keyword}`);
      } else if (next === "=") statements.push(this.#statement(keyword, start, path));
      else throw new Refusal(start, `expected "=" or "{" after ${this.#near(start)}`);
    }
  }

  /** Reads a keyword, up to the `{` or `=` behind it, which may stand on a later line. */
  #keyword(): { readonly keyword: string; readonly start: number } {
    const start = this.#at;
    const keyword = this.#match(/[^={}\n#;"@,]*/y)
      .replace(/[ \t]/g, "")
      .toLowerCase();
    this.#limit(start, this.#at);
    // Anything but letters makes another token of it (T_UNQUOTED_STRING), and Bacula refuses its whole configuration.
    if (!/^[a-z]+$/.test(keyword)) throw new Refusal(start, `expected a directive, found ${this.#near(start)}`);
    this.#skipToToken();
    return { keyword, start };
  }

  #statement(keyword: string, start: number, path: readonly string[]): Statement {
    this.#match(/[ \t]*/y);
    const valueStart = this.#at;
    const isQuoted = this.#text[valueStart] === '"';
    const value = isQuoted ? this.#quotedValue() : this.#plainValue();
    const valueEnd = this.#at;
    this.#limit(valueStart, valueEnd);
    this.#endOfLine(`the value of ${keyword}`);
    return { keyword, value, isQuoted, start, valueStart, valueEnd, line: this.#lineOf(start), path };
  }

  /** After a value or a block Bacula drops all up to the end of the line, a semicolon or a closing brace. */
  #endOfLine(what: string): void {
    const start = this.#at;
    const rest = this.#match(/[^\n#;}]*/y);
    if (/[^ \t]/.test(rest))
      throw new Refusal(start, `${rest.trim().slice(0, 40)} after ${what}: one directive a line`);
  }

  #quotedValue(): string {
    const start = this.#at;
    const token = this.#match(/"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y);
    if (token === "") throw new Refusal(start, "a quote is not closed");
    const inside = token.slice(1, -1);
    // Headers and marks are found by lines.
    if (inside.split("\n").some((line, index) => index > 0 && OUR_COMMENT.test(line)))
      throw new Refusal(start, "a line inside quotes that looks like a comment of ours");
    return unquoted(inside);
  }

  #plainValue(): string {
    const start = this.#at;
    const raw = this.#match(/[^\n#;}]*/y).replace(/[ \t]+$/, "");
    this.#at = start + raw.length;
    if (raw === "") throw new Refusal(start, "a directive without a value");
    if (raw.includes("{")) throw new Refusal(start, "a brace on the line of a value: one directive a line");
    if (raw.includes('"')) throw new Refusal(start, "a quote inside a value that does not begin with one");
    if (/(^|[ \t,=])@/.test(raw)) throw new Refusal(start, "an include (@)");
    return unquotedValue(raw);
  }

  #skipToToken(): void {
    while (this.#match(/[ \t\n;]+|#[^\n]*/y) !== "");
    if (this.#text[this.#at] === "@") throw new Refusal(this.#at, "an include (@)");
  }

  /** Reads on by a sticky pattern; empty where it does not match. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [""];
    this.#at += found.length;
    return found;
  }

  #limit(start: number, end: number): void {
    if (end - start < TOKEN_LIMIT_BYTES / 4) return;
    const bytes = new TextEncoder().encode(this.#text.slice(start, end)).length;
    if (bytes >= TOKEN_LIMIT_BYTES)
      throw new Refusal(start, `a value of ${bytes} bytes; fewer than ${TOKEN_LIMIT_BYTES} are allowed`);
  }

  /** The line of an offset that is not before the last one asked for. */
  #lineOf(offset: number): number {
    const { offset: from, line } = this.#counted;
    this.#counted = { offset, line: line + lineAt(this.#text.slice(from, offset), offset - from) - 1 };
    return this.#counted.line;
  }

  #near(offset: number): string {
    return JSON.stringify(this.#text.slice(offset, offset + 30).split("\n", 1)[0]);
  }
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
