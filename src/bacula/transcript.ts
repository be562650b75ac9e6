import { withoutMessagesNotice } from "../domain/discovery/messages-notice.ts";

/**
 * What is written to bconsole so that each answer can be cut out of what it prints, and is known to be whole.
 *
 * Behind every command follows a word that no Director knows, made of a random token. bconsole echoes each line, and the
 * Director answers such a word with `<word>: is an invalid command.` in any Console, however restricted, and only once
 * the command before it has ended. So the answer stands between two echoes, no text of a tenant can imitate its end, and
 * when the last word has no answer the session died. (`.api` is no help: it loses error texts.)
 */
export interface ConsoleScript {
  readonly commands: readonly string[];
  /** Random, of letters, digits and `-`; new for each call. */
  readonly token: string;
}

/** The lines for stdin. */
export function scriptText({ commands, token }: ConsoleScript): string {
  return commands.map((command, at) => `${command}\n${endWord(token, at)}\n`).join("");
}

export type CutTranscript =
  | { readonly kind: "complete"; readonly answers: readonly string[] }
  /** The session ended, or went out of step, before the answer of this command (from 0) was whole. */
  | { readonly kind: "incomplete"; readonly at: number };

/** Cuts each command's answer out of the output, without echo and without `You have messages.`. */
export function cutTranscript(output: string, { commands, token }: ConsoleScript): CutTranscript {
  const answers: string[] = [];
  const first = commands[0];
  let from = first === undefined ? 0 : output.indexOf(`${first}\n`);
  for (const [at, command] of commands.entries()) {
    const echo = `${command}\n`;
    if (from < 0 || !output.startsWith(echo, from)) return { kind: "incomplete", at };
    const word = endWord(token, at);
    const start = from + echo.length;
    // The answer may lack its last newline, so the echo of the word can stand in the middle of a line.
    const end = output.indexOf(`${word}\n${word}: `, start);
    const next = end < 0 ? -1 : output.indexOf("\n", end + word.length + 1);
    if (next < 0) return { kind: "incomplete", at };
    answers.push(withoutMessagesNotice(output.slice(start, end)));
    from = output.startsWith(NOTICE, next + 1) ? next + 1 + NOTICE.length : next + 1;
  }
  return { kind: "complete", answers };
}
const NOTICE = "You have messages.\n";

function endWord(token: string, at: number): string {
  return `${token}-${at}`;
}
