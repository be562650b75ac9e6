const NOTICE = /You have messages\.\r?\n?$/;

/**
 * The answer of one console command without the notice that the Director adds after any command while console messages
 * are pending. It stands on a line of its own, or is glued to a text that did not end in a newline.
 */
export function withoutMessagesNotice(answer: string): string {
  return answer.replace(NOTICE, "");
}
