/**
 * What Bacula reads of an unquoted value (lex.c: an identifier, then a string): blanks between letters go, and behind
 * anything else a blank or `=` ends it; the rest is dropped. A list is read entry by entry; they stay joined by commas.
 */
export function unquotedValue(written: string): string {
  return written
    .split(",")
    .map((entry) => {
      const { letters, rest } = partsOf(entry);
      return letters.replace(/[ \t]/g, "") + rest;
    })
    .join(",");
}

/** True when Bacula reads every entry of an unquoted list to its end; it refuses a list in which a blank ended one. */
export function isWholeList(written: string): boolean {
  return written.split(",").every((entry) => {
    const { letters, rest } = partsOf(entry);
    return letters.length + rest.length === entry.length;
  });
}

function partsOf(entry: string): { readonly letters: string; readonly rest: string } {
  const [letters = ""] = /^[A-Za-z \t]*/.exec(entry) ?? [];
  const [rest = ""] = entry.slice(letters.length).split(/[ \t=]/, 1);
  return { letters, rest };
}
