import { nameProblem } from "./resource-name.ts";

/** Bacula's Director ends itself at a token of 5000 bytes (lex.c add_str), so all stay below this, quotes included. */
export const TOKEN_LIMIT_BYTES = 4900;

/** A value that must not reach a configuration file. */
export class UnsafeValueError extends Error {
  override readonly name = "UnsafeValueError";
  readonly code = "UnsafeValue";
}

/**
 * A Bacula quoted string: only `"` and `\` need a backslash, all else is plain inside quotes. Throws UnsafeValueError for
 * control characters (a CR ends even a comment) and for what is too long.
 */
export function quoted(what: string, value: string): string {
  if (/\p{Cc}/u.test(value)) throw new UnsafeValueError(`${what} ${JSON.stringify(value)} has control characters`);
  // Half a surrogate pair is written as another character.
  if (!value.isWellFormed()) throw new UnsafeValueError(`${what} ${JSON.stringify(value)} is not well-formed Unicode`);
  const text = `"${value.replace(/["\\]/g, "\\$&")}"`;
  const bytes = Buffer.byteLength(text);
  if (bytes >= TOKEN_LIMIT_BYTES)
    throw new UnsafeValueError(`${what} has ${bytes} bytes; fewer than ${TOKEN_LIMIT_BYTES} are allowed`);
  return text;
}

/** The name of a resource as a quoted string; throws UnsafeValueError for one that Bacula would refuse. */
export function quotedName(what: string, name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new UnsafeValueError(`${what} ${JSON.stringify(name.slice(0, 150))} ${problem}`);
  return quoted(what, name);
}

/** The value of a quoted string's inside: `\x` is x for any x. */
export function unquoted(inside: string): string {
  return inside.replace(/\\([\s\S])/g, "$1");
}
