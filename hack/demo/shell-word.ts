const PLAIN = /^[\w@%+=:,./-]+$/;
const OPTION = /^(--[\w-]+=)(.*)$/s;

/** The word as it has to be typed in a shell; of `--option=value` only the value is quoted. */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  const [, option = "", value = word] = OPTION.exec(word) ?? [];
  return `${option}'${value.replaceAll("'", `'\\''`)}'`;
}
