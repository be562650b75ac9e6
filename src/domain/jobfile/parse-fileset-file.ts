import type { FileSetFile, Read } from "./job-file.ts";
import { nameValueProblem, scanResource } from "./resource-text.ts";

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
  const plugins = statements.filter(({ keyword }) => keyword === "plugin").map(({ value }) => value);
  return { kind: "read", value: { name: name.value, plugins } };
}
