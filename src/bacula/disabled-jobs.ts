import * as z from "zod";
import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { Answer } from "../sync/ports.ts";

const NONE = "No disabled Jobs.\n";
const HEADING = "Disabled Jobs:\n";

/** One name a line behind three blanks; Bacula's rule for names, so that no error text passes for one. */
const names = z
  .string()
  .endsWith("\n")
  .transform((lines) => lines.slice(0, -1).split("\n"))
  .pipe(z.array(z.string().regex(/^ {3}[A-Za-z0-9:._ -]{1,127}$/)).min(1))
  .transform((lines): ReadonlySet<string> => new Set(lines.map((line) => line.slice(3))));

/**
 * The Jobs of an answer of `show disabled`: those that a file disables and those that a person disabled in the console.
 * Disabled Clients and Schedules are not in it, whatever word follows (measured with Bacula 15.0.3), nor are Jobs that
 * the Console's ACL hides. Anything else than the whole list is no list.
 */
export function readDisabledJobs(answer: string): Answer<ReadonlySet<string>> {
  if (answer === NONE) return { kind: "answered", value: new Set() };
  const list = names.safeParse(answer.startsWith(HEADING) ? answer.slice(HEADING.length) : undefined);
  if (list.success) return { kind: "answered", value: list.data };
  return {
    kind: "unknown",
    reason: "UnreadableAnswer",
    detail: failureDetail(`show disabled answered what is no list of Jobs: ${answer}`),
  };
}
