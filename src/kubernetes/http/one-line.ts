/**
 * Text of others made fit for one line of a log or an event: control, formatting and line-breaking characters become
 * blanks, lone surrogates are replaced, and what is longer than `maxBytes` (3 or more) of UTF-8 ends in `...`.
 */
export function oneLine(text: string, maxBytes: number): string {
  // The first cut keeps a huge text from being scanned; a character is at least one byte.
  const plain = text
    .slice(0, maxBytes + 1)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .toWellFormed();
  const bytes = Buffer.from(plain, "utf8");
  if (bytes.length <= maxBytes && text.length <= maxBytes + 1) return plain;
  let end = Math.min(bytes.length, Math.max(0, maxBytes - 3));
  // A byte 10xxxxxx continues a character: step back to where one begins.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString("utf8", 0, end)}...`;
}
