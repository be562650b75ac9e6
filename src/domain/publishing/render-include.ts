/** A path that the Director's lexer could read as something else. */
export class UnsafePathError extends Error {
  override readonly name = "UnsafePathError";
  readonly code = "UnsafePath";
}

/**
 * The text of `include.conf`: one `@` line per published file, as the Director sees the paths, in
 * order and each once: a file that is read twice defines its jobs twice. A path with
 * blanks is quoted; one with quotes, control characters or other marks that the lexer acts on throws UnsafePathError.
 */
export function renderInclude(paths: Iterable<string>): string {
  const lines = [...new Set(paths)].sort().map((path) => {
    if (!/^[A-Za-z0-9/:._ -]+$/.test(path)) {
      throw new UnsafePathError(
        `${JSON.stringify(path)} cannot be included: letters, digits, blank and / : . _ - are allowed`,
      );
    }
    return path.includes(" ") ? `@"${path}"\n` : `@${path}\n`;
  });
  return `# Made by bacula-openstack-sync: the Director's configuration includes this file and nothing else of ours.\n${lines.join("")}`;
}
