import { MAX_TOKEN_BYTES, unquoted } from "./quoted.ts";

/** One `Keyword = value` directly inside the resource, with the place of its value in the text. */
export interface Statement {
  /** As Bacula compares it: without blanks, in lower case. */
  readonly keyword: string;
  readonly value: string;
  readonly isQuoted: boolean;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly line: number;
  /** Names of the blocks around it, such as `include`; empty for the resource's own directives. */
  readonly path: readonly string[];
}

export interface ResourceText {
  /** `job`, `fileset` ... */
  readonly type: string;
  readonly statements: readonly Statement[];
  /** Offset of the resource's closing brace. */
  readonly closingBrace: number;
}

export type Scan =
  | { readonly kind: "scanned"; readonly resource: ResourceText }
  | { readonly kind: "invalid"; readonly line: number; readonly reason: string };

/**
 * Reads a text that is exactly one Bacula resource, as the Director's own lexer would (Bacula's lex.c and parse_conf.c),
 * and refuses what that lexer would do something surprising with: includes (`@`), control characters (a CR ends a
 * comment), tokens near its limit of 5000 bytes, braces that share a line with a value, an open quote or brace.
 */
export function scanResource(text: string): Scan {
  const scanner = new Scanner(text);
  try {
    return { kind: "scanned", resource: scanner.resource() };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "invalid", line: lineAt(text, error.offset), reason: error.message };
    throw error;
  }
}

class Refusal extends Error {
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

const FORBIDDEN = /[^\P{Cc}\t\n]/u;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    const bad = FORBIDDEN.exec(text);
    if (bad !== null) throw new Refusal(bad.index, "a control character");
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
    return { type, statements, closingBrace };
  }

  /** Reads up to the closing brace and answers its offset. */
  #block(opened: number, path: readonly string[], statements: Statement[]): number {
    for (;;) {
      this.#skipToToken();
      if (this.#at >= this.#text.length) throw new Refusal(opened, "a brace is not closed");
      if (this.#text[this.#at] === "}") return this.#at++;
      const { keyword, start } = this.#keyword();
      const next = this.#text[this.#at];
      this.#at++;
      if (next === "{") this.#block(start, [...path, keyword], statements);
      else if (next === "=") statements.push(this.#value(keyword, start, path));
      else throw new Refusal(start, `expected "=" or "{" after ${this.#near(start)}`);
    }
  }

  #keyword(): { readonly keyword: string; readonly start: number } {
    const start = this.#at;
    const end = this.#text.slice(start).search(/[={}\n#;"@]/);
    this.#at = end === -1 ? this.#text.length : start + end;
    const keyword = this.#text.slice(start, this.#at).replace(/[ \t]/g, "").toLowerCase();
    if (this.#text[this.#at] === "@") throw new Refusal(this.#at, "an include (@)");
    if (keyword === "") throw new Refusal(start, `expected a directive, found ${this.#near(start)}`);
    this.#limit(start, this.#at);
    return { keyword, start };
  }

  #value(keyword: string, start: number, path: readonly string[]): Statement {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
    const valueStart = this.#at;
    const isQuoted = this.#text[valueStart] === '"';
    const value = isQuoted ? this.#quotedValue() : this.#plainValue();
    const valueEnd = this.#at;
    this.#limit(valueStart, valueEnd);
    const rest = /[^\n#;]*/y;
    rest.lastIndex = this.#at;
    const trailing = rest.exec(this.#text)?.[0] ?? "";
    // After a value Bacula drops the rest of the line, braces included.
    if (trailing.trim() !== "")
      throw new Refusal(
        this.#at,
        `${trailing.trim().slice(0, 40)} after the value of ${keyword}: one directive a line`,
      );
    this.#at += trailing.length;
    return { keyword, value, isQuoted, valueStart, valueEnd, line: lineAt(this.#text, start), path };
  }

  #quotedValue(): string {
    const inside = /"((?:[^"\\]|\\[\s\S])*)"/y;
    inside.lastIndex = this.#at;
    const match = inside.exec(this.#text);
    if (match?.[1] === undefined) throw new Refusal(this.#at, "a quote is not closed");
    this.#at = inside.lastIndex;
    return unquoted(match[1]);
  }

  #plainValue(): string {
    const plain = /[^\n#;]*/y;
    plain.lastIndex = this.#at;
    const raw = (plain.exec(this.#text)?.[0] ?? "").trimEnd();
    if (raw === "") throw new Refusal(this.#at, "a directive without a value");
    if (/[{}]/.test(raw)) throw new Refusal(this.#at, "a brace on the line of a value: one directive a line");
    if (/(^|[ \t,])@/.test(raw)) throw new Refusal(this.#at, "an include (@)");
    this.#at += raw.length;
    return raw;
  }

  #skipToToken(): void {
    const blank = /(?:[ \t\n;]+|#[^\n]*)*/y;
    blank.lastIndex = this.#at;
    blank.exec(this.#text);
    this.#at = blank.lastIndex;
    if (this.#text[this.#at] === "@") throw new Refusal(this.#at, "an include (@)");
  }

  #limit(start: number, end: number): void {
    if (end - start <= MAX_TOKEN_BYTES / 4) return;
    const bytes = new TextEncoder().encode(this.#text.slice(start, end)).length;
    if (bytes > MAX_TOKEN_BYTES)
      throw new Refusal(start, `a value of ${bytes} bytes; at most ${MAX_TOKEN_BYTES} are allowed`);
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
