/** Bacula's Director ends itself at a token of 5000 bytes (lex.c add_str), so we stay well below. */
export const MAX_TOKEN_BYTES = 4900;

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
  const text = `"${value.replace(/["\\]/g, "\\$&")}"`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TOKEN_BYTES)
    throw new UnsafeValueError(`${what} has ${bytes} bytes; at most ${MAX_TOKEN_BYTES} are allowed`);
  return text;
}

/** The value of a quoted string's inside: `\x` is x for any x. */
export function unquoted(inside: string): string {
  return inside.replace(/\\([\s\S])/g, "$1");
}
