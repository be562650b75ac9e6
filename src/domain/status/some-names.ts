const MOST_NAMES = 20;
const LONGEST_NAME = 64;

/** The first names for a message, and how many more there are. Control characters of a tenant's name do not get in. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => name.replaceAll(/\p{Cc}/gu, "").slice(0, LONGEST_NAME));
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return shown.join(", ") + more;
}
