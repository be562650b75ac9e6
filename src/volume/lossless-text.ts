import { isUtf8 } from "node:buffer";

// A byte that is no UTF-8 becomes a lone low surrogate U+DC80..U+DCFF (as Python's "surrogateescape" does), which no
// valid UTF-8 can give, so it finds its way back.
const ESCAPE = 0xdc00;

/**
 * Reads bytes as UTF-8 such that `encodeLossless` gives the same bytes back whatever they are: a person's comment in
 * Latin-1 must survive a surgical edit and the publishing byte for byte (spec section 3).
 */
export function decodeLossless(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const parts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      parts.push(String.fromCharCode(ESCAPE + (bytes[at] ?? 0)));
      at += 1;
    } else {
      parts.push(bytes.toString("utf8", at, at + length));
      at += length;
    }
  }
  return parts.join("");
}

/** The bytes that `decodeLossless` read; for text from elsewhere its UTF-8. */
export function encodeLossless(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const [piece] of text.matchAll(/[\udc80-\udcff]|[^\udc80-\udcff]+/gu)) {
    const code = piece.charCodeAt(0);
    const isEscape = piece.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    parts.push(isEscape ? Buffer.of(code - ESCAPE) : Buffer.from(piece, "utf8"));
  }
  return Buffer.concat(parts);
}

/** Length of the valid UTF-8 sequence that starts at `at`, or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
