import * as z from "zod";
import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { Answer } from "../sync/ports.ts";

/** One name a line; Bacula's rule for names, so that no error text passes for one. */
const nameList = z
  .string()
  .transform((answer) => answer.split("\n").filter((line) => line !== ""))
  .pipe(z.array(z.string().regex(/^[A-Za-z0-9:._ -]{1,127}$/)))
  .transform((names): ReadonlySet<string> => new Set(names));

/**
 * The answer of a dot command that lists names, such as `.jobs`. A command that the Console's ACL does not have is
 * NotAuthorized; a resource that it hides is only missing from the list, which cannot be told from here.
 */
export function readNameList(command: string, answer: string): Answer<ReadonlySet<string>> {
  const refused = refusedCommand(command, answer);
  if (refused !== undefined) return refused;
  const names = nameList.safeParse(answer);
  if (names.success) return { kind: "answered", value: names.data };
  const odd = answer.split("\n").find((line) => !nameList.safeParse(line).success) ?? answer;
  return {
    kind: "unknown",
    reason: "UnreadableAnswer",
    detail: failureDetail(`${command} answered what is no name: ${odd}`),
  };
}

/** The Director's answer to a command that it does not know, or that the Console may not use: the same text for both. */
export function refusedCommand(
  command: string,
  answer: string,
): { readonly kind: "unknown"; readonly reason: "NotAuthorized"; readonly detail: string } | undefined {
  const word = command.split(" ", 1)[0] ?? command;
  if (!answer.includes(`${word}: is an invalid command`)) return undefined;
  const detail = `the Console may not use ${word}: add it to its CommandACL`;
  return { kind: "unknown", reason: "NotAuthorized", detail };
}
