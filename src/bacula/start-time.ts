import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { Answer } from "../sync/ports.ts";

/**
 * When the Director was started, from `.status dir header`: `Daemon started 24-Nov-26 12:12, conf reloaded ...`. It is
 * the Director's local time, to the minute: a Director that was started twice in one minute looks like one. (Its `.api 2`
 * tells the second and the process, but mixes up the order in which a session is answered.)
 */
export function readStartTime(answer: string): Answer<string> {
  return partOf(answer, /^Daemon started (.+?), conf reloaded /m);
}

/** When it last took a configuration, from the same line, to the second. A reload that was refused does not move it. */
export function readLastConfigured(answer: string): Answer<string> {
  return partOf(answer, /^Daemon started .+?, conf reloaded (.+?)\s*$/m);
}

function partOf(answer: string, form: RegExp): Answer<string> {
  const part = form.exec(answer)?.[1];
  if (part !== undefined) return { kind: "answered", value: part };
  const detail = failureDetail(`.status dir header tells no start: ${answer}`);
  return { kind: "unknown", reason: "UnreadableAnswer", detail };
}
