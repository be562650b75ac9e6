import { type ResourceText, scanResource } from "./resource-text.ts";

/** One resource of a file of many, with its text's first line. */
export interface PlacedResource {
  readonly resource: ResourceText;
  readonly line: number;
}

/**
 * The resources of a configuration file with many, such as an administrator's: each is cut out by its braces, comments and
 * quotes heeded, and read for itself. What cannot be read, includes between them and a rest without an end are left out.
 */
export function splitResources(text: string): readonly PlacedResource[] {
  const found: PlacedResource[] = [];
  let depth = 0;
  let start: number | undefined;
  const token = /#[^\n]*|@[^\n]*|"(?:[^"\\]|\\[\s\S])*"|[{}]|[^\s#@"{}]+/g;
  for (const { 0: part, index } of text.matchAll(token)) {
    // Inside of a resource an @ is refused by its own reader.
    if (part.startsWith("#") || (depth === 0 && part.startsWith("@"))) continue;
    start ??= index;
    if (part === "{") depth += 1;
    if (part !== "}") continue;
    depth -= 1;
    if (depth > 0) continue;
    const scan = scanResource(text.slice(start, index + 1));
    if (scan.kind === "scanned") found.push({ resource: scan.resource, line: lineAt(text, start) });
    start = undefined;
    depth = 0;
  }
  return found;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
