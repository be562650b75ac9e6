import type { ClientCounts } from "../domain/status/count-vms.ts";
import type { PublishOutcome } from "../sync/pass-report.ts";
import type { Action, ClientResult } from "./client-result.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";

/** The lines of one client for standard output: one for each action, then a summary. */
export function resultLines(result: ClientResult): readonly string[] {
  const { client, actions, dryRun } = result;
  const would = dryRun ? "DRYRUN: would " : "";
  return [...actions.map((action) => `${client}: ${would}${actionText(action)}`), `${client}: ${summary(result)}`];
}

/** The lines of one client for standard error. */
export function problemLines({ problems }: ClientResult): readonly string[] {
  return problems.map(({ level, message, reason }) =>
    oneLine(`${level}: ${message}${reason === undefined ? "" : ` [${reason}]`}`),
  );
}

/** Others' words are in it: of a tenant's tag, of the Director, of a file. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}

function actionText({ action, vm, uuid, job, reason }: Action): string {
  return `${action} ${job} (VM ${vm}, ${uuid}): ${reason}`;
}

function summary({ counts, actions, publishing, dryRun, problems }: ClientResult): string {
  const parts = [
    counts === undefined ? "its VMs could not be seen, so nothing is changed for any of them" : countsText(counts),
    actions.length === 0
      ? "nothing to do"
      : `${actionCounts(actions)}${dryRun ? " (DRYRUN: nothing was written)" : ""}`,
    ...(dryRun ? [] : publishingText(publishing)),
  ];
  const failures = problems.filter(({ fails }) => fails).length;
  return `${parts.join("; ")}${failures === 0 ? "" : `; problems: ${failures}`}`;
}

function countsText(counts: ClientCounts): string {
  const { live, active, missing, disabled, optedOut, rejected, held, unprotected } = counts;
  return `${live} VMs listed, ${active} active, ${missing} missing, ${disabled} disabled, ${optedOut} opted out, ${rejected} rejected, ${held} held, ${unprotected} unprotected`;
}

function actionCounts(actions: readonly Action[]): string {
  const counts = new Map<string, number>();
  for (const { action } of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts].map(([action, count]) => `${action} ${count}`).join(", ");
}

function publishingText(publishing: PublishOutcome | undefined): readonly string[] {
  switch (publishing?.kind) {
    case "published":
      return [`the Director has read the files and has ${publishing.jobs} jobs of it`];
    case "unchanged":
      return ["the Director has every file"];
    case "reloadLeft":
      return ["the files are in place: type reload in bconsole, or set RELOAD_AFTER_SYNC=1"];
    case "busy":
    case "refused":
    case "directorInvalid":
    case "failed":
      return ["not published"];
    case "dryRun":
    case undefined:
      return [];
    default:
      return publishing satisfies never;
  }
}

/** What the whole run ends with (spec section 8). */
export function exitCodeOf(results: readonly ClientResult[]): ExitCode {
  if (results.some(({ lockHeld }) => lockHeld)) return EXIT.lockHeld;
  return results.some(({ problems }) => problems.some(({ fails }) => fails)) ? EXIT.trouble : EXIT.well;
}
