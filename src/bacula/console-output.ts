/** Gathers what a program prints, up to a limit, so that an endless printer cannot fill our memory. */
export interface ConsoleOutput {
  /** False: the limit is passed; nothing more is kept, and the program should be ended. */
  push(chunk: Uint8Array): boolean;
  /** What was kept, as UTF-8; a byte that is none becomes U+FFFD (a tenant's name may hold any byte). */
  text(): string;
}

/** Keeps every byte. */
export function wholeOutput(maxBytes: number): ConsoleOutput {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    push(chunk) {
      if (size + chunk.length > maxBytes) return false;
      size += chunk.length;
      chunks.push(chunk);
      return true;
    },
    text: () => decode(Buffer.concat(chunks)),
  };
}

/**
 * Keeps only the lines that `isWanted` asks for; the limit counts these and the line that is being read. `show all` of
 * 50,000 jobs prints 81 MB, of which a few lines are of use.
 */
export function chosenLines(maxBytes: number, isWanted: (line: string) => boolean): ConsoleOutput {
  const kept: string[] = [];
  let keptBytes = 0;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  function endLine(): void {
    const line = decode(Buffer.concat(pending));
    if (isWanted(line)) {
      kept.push(line);
      keptBytes += pendingBytes + 1;
    }
    pending = [];
    pendingBytes = 0;
  }

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        pending.push(chunk.subarray(start, end));
        pendingBytes += end - start;
        endLine();
        start = end + 1;
      }
      pending.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
      return keptBytes + pendingBytes <= maxBytes;
    },
    text: () => [...kept, decode(Buffer.concat(pending))].join("\n"),
  };
}
const NEWLINE = 0x0a;

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
