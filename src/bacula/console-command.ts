/** A line that must never be written to bconsole: a mistake of this program, not of its user. */
class ConsoleCommandError extends Error {
  readonly code = "CONSOLE_COMMAND_NOT_ALLOWED";
  readonly command: string;

  constructor(command: string, problem: string) {
    super(`console command ${JSON.stringify(command.slice(0, 200))} ${problem}`);
    this.name = "ConsoleCommandError";
    this.command = command;
  }
}

/** Empties the administrator's queue of messages, whatever it is abbreviated to. */
const READS_MESSAGES = /^\.?mess?a?g?e?s?(?:\s|$)/i;

/**
 * Last check of one line before it goes to bconsole's stdin (rule 9).
 *
 * bconsole runs a line that begins with `@` itself (`@exec "program"`), a control character may start a further line,
 * and `messages` takes the administrator's pending messages away.
 *
 * @throws ConsoleCommandError when the line is not one plain, harmless command.
 */
export function checkConsoleCommand(command: string): void {
  if (!/^[\x20-\x7e]+$/.test(command)) throw new ConsoleCommandError(command, "must be one line of printable ASCII");
  if (command.trim() !== command) throw new ConsoleCommandError(command, "must not begin or end with a blank");
  if (command.startsWith("@"))
    throw new ConsoleCommandError(command, "must not begin with @, which bconsole runs itself");
  if (READS_MESSAGES.test(command)) throw new ConsoleCommandError(command, "must not read the pending messages");
}

/** Bacula's rule for the name of a resource; such a name needs no escapes inside double quotes. */
const RESOURCE_NAME = /^(?! )[A-Za-z0-9:._ -]{1,127}(?<! )$/;

/**
 * A resource name in double quotes, for a console command.
 *
 * @throws ConsoleCommandError when Bacula could not have a resource of that name.
 */
export function quotedName(name: string): string {
  if (!RESOURCE_NAME.test(name)) throw new ConsoleCommandError(name, "holds a name that no Bacula resource can have");
  return `"${name}"`;
}
