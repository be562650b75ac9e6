import process from "node:process";
import { clientResult } from "../client-result.ts";
import { type CommandContext, refuse, withCommand } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { wantedClients } from "../wanted-clients.ts";
import { fleetReport } from "./fleet-report.ts";
import { lookAtClients } from "./look-at-clients.ts";
import { printJson, printProblems } from "./print.ts";
import { reportCsv, reportText } from "./report-text.ts";

export interface ReportOptions {
  readonly client?: readonly string[] | undefined;
  readonly output: "text" | "csv" | "json";
}

/** `report`: every VM of every client with its protection, totals first. Not one byte is written. */
export async function runReport(
  env: Readonly<Record<string, string | undefined>>,
  options: ReportOptions,
): Promise<ExitCode> {
  return withCommand({ env, access: "read" }, (context) => report(context, options));
}

async function report(context: CommandContext, { client, output }: ReportOptions): Promise<ExitCode> {
  const wanted = wantedClients(context, client);
  if (wanted.kind === "invalid") return refuse(wanted.problems);
  const outcomes = await lookAtClients(context, wanted.clients);
  const nowMs = context.ports.clock.now();
  const problems = outcomes.flatMap((outcome) => clientResult(outcome, nowMs).problems);
  printProblems(problems);
  // A report of unprotected VMs is a good report; one that lacks a client is not.
  const fleet = fleetReport(outcomes, nowMs);
  const exitCode = fleet.clients.every(({ isSeen }) => isSeen) ? EXIT.well : EXIT.trouble;
  switch (output) {
    case "json":
      printJson({ exitCode, ...fleet });
      break;
    case "csv":
      process.stdout.write(reportCsv(fleet));
      break;
    case "text":
      process.stdout.write(reportText(fleet));
      break;
    default:
      output satisfies never;
  }
  return exitCode;
}
