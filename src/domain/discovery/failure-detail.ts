/** Longest `detail` in characters: it goes into a condition, an event and one line of the log. */
const MAX_DETAIL_LENGTH = 300;

/** Control, format (bidi), surrogate and separator characters: what could forge a line or hide a part of one. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Bacula's and ISO forms of a point in time; a message that changes by itself would write status for ever. */
const TIMES =
  /\b\d{1,2}-[A-Z][a-z]{2}(?:-\d{2,4})? \d{2}:\d{2}(?::\d{2})?|\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?|\b\d{2}:\d{2}:\d{2}\b/g;

/** A password in a line of configuration that the Director quotes. */
const SECRETS = /(\bpassword\s*=\s*)(?:"[^"]*"?|\S+)/gi;

/**
 * Foreign text (of a plugin, the Director, a tenant) as the `detail` of an outcome: one line of at most 300 characters,
 * free of control characters, of times and of passwords.
 */
export function failureDetail(text: string): string {
  // Cut first: a foreign text may be megabytes, and only its beginning can show.
  const line = text
    .slice(0, MAX_DETAIL_LENGTH * 4)
    .replace(UNPRINTABLE, " ")
    .replace(TIMES, "<time>")
    .replace(SECRETS, "$1<hidden>")
    .replace(/ {2,}/g, " ")
    .trim();
  return line.length <= MAX_DETAIL_LENGTH ? line : `${line.slice(0, MAX_DETAIL_LENGTH - 1).toWellFormed()}…`;
}
