import { answerError } from "./answer-error.ts";
import type { DiscoveryFailure } from "./discovery.ts";

/** The lines of one record, without newlines. One line with all tokens, or one line a token. */
export interface RecordLines {
  /** Of the first line, from 1. */
  readonly lineNumber: number;
  readonly lines: readonly string[];
}

export type AnswerRecords =
  | { readonly kind: "records"; readonly records: readonly RecordLines[] }
  | { readonly kind: "broken"; readonly reason: DiscoveryFailure; readonly lineNumber: number; readonly line: string };

const TOKEN_LINE = /^([A-Za-z_][\w.-]*)=/;
const BLOCK_OPENS = /^[A-Za-z_][\w.-]*: \[$/;

/**
 * Cuts an answer into records, without looking at what they say. Bacula prints one packet a VM, one token a line, or a
 * list block `server: [` ... `]`, depending on the plugin and on its helper; the same rule serves all three:
 *
 * - Every line begins with a token `key=`. The first one's key leads: each line that begins with it starts a record.
 * - A block bounds its records. Its `]` may be glued to the last value, so a line that ends in `]` closes the block only
 *   before the next block or at the end of the answer: elsewhere it is part of a value such as `web[1]`.
 * - Anything else, such as an error text, a line outside the blocks, or a block that does not close (a cut answer), breaks
 *   the whole answer: no guess is made about what was meant.
 */
export function answerRecords(answer: string): AnswerRecords {
  const lines = answer.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();

  const records: RecordLines[] = [];
  const inBlocks = BLOCK_OPENS.test(lines.find((line) => line.trim() !== "") ?? "");
  let current: { lineNumber: number; lines: string[] } | undefined;
  let leader: string | undefined;
  let blockIsOpen = false;

  for (const [at, raw] of lines.entries()) {
    if (raw.trim() === "") continue;
    const broken = {
      kind: "broken",
      reason: answerError(raw) ?? "UnreadableAnswer",
      lineNumber: at + 1,
      line: raw,
    } as const;

    let line = raw;
    if (inBlocks) {
      if (BLOCK_OPENS.test(line) && !blockIsOpen) {
        blockIsOpen = true;
        current = undefined;
        leader = undefined;
        continue;
      }
      if (!blockIsOpen) return broken;
      if (line.endsWith("]") && endsBlock(lines, at)) {
        blockIsOpen = false;
        line = line.slice(0, -1);
        if (line === "") continue;
      }
    }

    const key = TOKEN_LINE.exec(line)?.[1];
    if (key === undefined || key === "error") return broken;
    leader ??= key;
    if (key === leader) {
      current = { lineNumber: at + 1, lines: [line] };
      records.push(current);
    } else {
      current?.lines.push(line);
    }
  }
  if (blockIsOpen) {
    return { kind: "broken", reason: "UnreadableAnswer", lineNumber: lines.length, line: lines.at(-1) ?? "" };
  }
  return { kind: "records", records };
}

function endsBlock(lines: readonly string[], at: number): boolean {
  let next = at + 1;
  while (lines[next]?.trim() === "") next++;
  return BLOCK_OPENS.test(lines[next] ?? "server: [");
}
