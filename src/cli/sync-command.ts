import process from "node:process";
import { planOfReport } from "../sync/plan-of-report.ts";
import { type CommandContext, withCommand } from "./command-context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { type ClientOutcome, syncClients } from "./sync-clients.ts";

/** `sync`: one pass over every client of clients.conf. */
export async function runSync(env: Readonly<Record<string, string | undefined>>): Promise<ExitCode> {
  return withCommand({ env, access: "write" }, sync);
}

async function sync(context: CommandContext): Promise<ExitCode> {
  const outcomes = await syncClients(context, { onDone: print });
  const isWell = outcomes.every(({ kind }) => kind === "passed");
  return isWell ? EXIT.well : EXIT.trouble;
}

function print(outcome: ClientOutcome): void {
  const { client } = outcome.client.policy;
  if (outcome.kind !== "passed") return;
  for (const { vm, uuid, action, reason } of planOfReport(outcome.report))
    process.stdout.write(`${client}: ${action} ${vm} ${uuid}: ${reason}\n`);
}
