/** One `@` of the Director's configuration. */
export type Include =
  | { readonly kind: "file"; readonly path: string; readonly line: number }
  /** `@|"command"`; `command` is what is left when the Director's lexer has taken its backslashes away. */
  | { readonly kind: "command"; readonly command: string; readonly line: number }
  /** `@|command words` without quotes: the Director takes the first word only. */
  | { readonly kind: "cutCommand"; readonly command: string; readonly line: number };

/**
 * The includes of a text of the Director's configuration, read as its lexer does: `@` counts at the start of a token
 * only, not in comments and quotes; inside double quotes a backslash stands for the character behind it.
 */
export function findIncludes(text: string): readonly Include[] {
  const includes: Include[] = [];
  let line = 1;
  // Each match is a newline, a comment, an include (quoted or not), a quoted string, or a word that may hold an @.
  const token = /\n|#[^\n]*|@(\|?)(?:"((?:[^"\\]|\\[\s\S])*)"|([^\n]*))|"(?:[^"\\]|\\[\s\S])*"?|[^\s#"@][^\s#"]*/g;
  for (const [whole, pipe, quoted, bare] of text.matchAll(token)) {
    if (whole.startsWith("@")) includes.push(includeOf(pipe === "|", quoted, bare ?? "", line));
    line += whole.split("\n").length - 1;
  }
  return includes;
}

function includeOf(isCommand: boolean, quoted: string | undefined, bare: string, line: number): Include {
  if (quoted !== undefined) {
    const value = quoted.replaceAll(/\\([\s\S])/g, "$1");
    return isCommand ? { kind: "command", command: value, line } : { kind: "file", path: value, line };
  }
  const words = bare.trim();
  if (!isCommand) return { kind: "file", path: words.split(/[\s;#]/u)[0] ?? "", line };
  return /\s/u.test(words) ? { kind: "cutCommand", command: words, line } : { kind: "command", command: words, line };
}
