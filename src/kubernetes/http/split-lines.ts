const newline = 0x0a;

/** The stream holds a line longer than anything the API server sends. */
class LineTooLong extends Error {
  override readonly name = "LineTooLong";
  readonly code = "LineTooLong";
}

/**
 * Splits a byte stream at 0x0A, and only there: a string of an object may hold U+2028, at which readline would cut.
 * Gives the lines that each chunk completes together, so that a stream costs one turn per chunk and not per line.
 * What follows the last newline when the stream ends is half a line and is dropped: whoever needs it reads it again.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = 32 * 1024 * 1024,
): AsyncGenerator<readonly Buffer[]> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      const rest = bytes.subarray(start, end);
      const line = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      if (line.length > 0) lines.push(line);
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start < bytes.length) {
      begun.push(bytes.subarray(start));
      begunBytes += bytes.length - start;
      if (begunBytes > maxLineBytes) throw new LineTooLong(`a line is longer than ${maxLineBytes} bytes`);
    }
    if (lines.length > 0) yield lines;
  }
}
