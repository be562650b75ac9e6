/** Longest name of a resource that Bacula takes (MAX_NAME_LENGTH 128 in baconfig.h, with its final NUL). */
const MAX_NAME_CHARACTERS = 127;

/**
 * What is wrong with the name of a Bacula resource, in words that follow it; undefined when nothing is. Bacula takes
 * ASCII letters, digits, blank and `: . - _` (is_name_valid in edit.c).
 */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.length > MAX_NAME_CHARACTERS)
    return `has ${name.length} characters; at most ${MAX_NAME_CHARACTERS} are allowed`;
  const bad = /[^A-Za-z0-9:._ -]/u.exec(name);
  return bad === null ? undefined : `has ${JSON.stringify(bad[0])}; letters, digits, blank and : . - _ are allowed`;
}
