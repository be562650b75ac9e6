const PROGRAM = /^(?:bconsole|bacula-dir|flock)\b/u;

/**
 * The text as one sentence: a capital at its beginning, one full stop at its end. For details of others in messages. A
 * program keeps its name, which people search for.
 */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const first = PROGRAM.test(trimmed) ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/u.test(first) ? first : `${first}.`;
}
