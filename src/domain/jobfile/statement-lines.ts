import type { Statement } from "./resource-text.ts";

/** A statement that has its lines for itself goes with them; one that shares a line leaves the rest of it as it is. */
export function withoutStatement(text: string, { start, valueEnd }: Statement): string {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const behind = /[ \t]*(;[ \t]*)?(#[^\n]*)?(\n|$)/y;
  behind.lastIndex = valueEnd;
  const rest = behind.exec(text);
  if (rest !== null && text.slice(lineStart, start).trim() === "")
    return text.slice(0, lineStart) + text.slice(valueEnd + rest[0].length);
  const semicolon = /[ \t]*;/y;
  semicolon.lastIndex = valueEnd;
  const end = valueEnd + (semicolon.exec(text)?.[0].length ?? 0);
  return text.slice(0, start) + text.slice(end);
}

/** A new statement and where it goes. */
export interface NewStatement {
  readonly keyword: string;
  /** As it stands in the file, quotes included. */
  readonly token: string;
  /** Offset of what it goes in front of: another statement, or a closing brace. */
  readonly place: number;
  /** A statement of the same block, whose indent and columns it takes over. */
  readonly neighbour: Statement | undefined;
  /** The beginning of such a line in the format's own form, up to its value, for want of a neighbour. */
  readonly ownForm: string;
}

/** The new statement gets a line of its own, in front of its place. */
export function withStatement(text: string, { keyword, token, place, neighbour, ownForm }: NewStatement): string {
  const lineStart = text.lastIndexOf("\n", place - 1) + 1;
  const line = `${likeItsNeighbour(text, neighbour, keyword) ?? ownForm}${token}`;
  return text.slice(lineStart, place).trim() === ""
    ? `${text.slice(0, lineStart)}${line}\n${text.slice(lineStart)}`
    : `${text.slice(0, place)}\n${line}\n${text.slice(place)}`;
}

/** Indented and aligned as the neighbour, if that begins its line. */
function likeItsNeighbour(text: string, neighbour: Statement | undefined, keyword: string): string | undefined {
  if (neighbour === undefined) return undefined;
  const lineStart = text.lastIndexOf("\n", neighbour.start - 1) + 1;
  const model = /^([ \t]*)([A-Za-z \t]*[A-Za-z])([ \t]*)=([ \t]*)$/.exec(text.slice(lineStart, neighbour.valueStart));
  if (model === null) return undefined;
  const [, indent = "", name = "", gap = "", after = ""] = model;
  const column = keyword.padEnd(name.length + gap.length - 1);
  return `${indent}${column}${gap === "" ? "" : " "}=${after}`;
}
