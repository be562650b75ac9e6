import type { FileSetFile, Read } from "./job-file.ts";
import { nameValueProblem, type Statement, scanResource } from "./resource-text.ts";

/** Reads a `fileset` file: exactly one sound FileSet resource. It has no headers, so it is never `foreign`. */
export function parseFileSetFile(text: string): Exclude<Read<FileSetFile>, { kind: "foreign" }> {
  const scan = scanResource(text);
  if (scan.kind === "invalid") return scan;
  const { type, statements } = scan.resource;
  if (type !== "fileset") return { kind: "invalid", line: 1, reason: `a ${type} resource instead of a FileSet` };
  const [name, second] = statements.filter(({ keyword, path }) => keyword === "name" && path.length === 0);
  if (name === undefined) return { kind: "invalid", line: 1, reason: "the FileSet has no Name" };
  if (second !== undefined) return { kind: "invalid", line: second.line, reason: "name stands twice" };
  const problem = nameValueProblem(name);
  if (problem !== undefined) return { kind: "invalid", line: name.line, reason: `Name ${problem}` };
  const plugins = statements.filter(isIncludedPlugin).map(pluginLine);
  return { kind: "read", value: { name: name.value, plugins } };
}

/** A `Plugin` inside `Options` is another thing: it handles files, and backs up nothing by itself. */
export function isIncludedPlugin({ keyword, path }: Statement): boolean {
  return keyword === "plugin" && path.length === 1 && path[0] === "include";
}

/** Unquoted, a comma ends it. */
function pluginLine({ value, isQuoted }: Statement): string {
  return isQuoted ? value : (value.split(",", 1)[0] ?? "");
}
