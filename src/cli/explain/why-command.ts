import process from "node:process";
import { seenVms } from "../../sync/seen-vms.ts";
import { clientResult } from "../client-result.ts";
import { type CommandContext, refuse, withCommand } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { wantedClients } from "../wanted-clients.ts";
import { isMeant } from "./client-plan.ts";
import { lookAtClients } from "./look-at-clients.ts";
import { nobodyIsCalled } from "./nobody-is-called.ts";
import { printJson, printProblems } from "./print.ts";
import { vmAnswer } from "./vm-answer.ts";
import { whyLines } from "./why-text.ts";

export interface WhyOptions {
  readonly client?: readonly string[] | undefined;
  readonly output: "text" | "json";
}

/**
 * `why`: whether a VM is protected, by what, and what happens next; or why not. A name that several VMs have is answered
 * for each. Not one byte is written.
 */
export async function runWhy(
  env: Readonly<Record<string, string | undefined>>,
  word: string,
  options: WhyOptions,
): Promise<ExitCode> {
  return withCommand({ env, access: "read" }, (context) => why(context, word, options));
}

async function why(context: CommandContext, word: string, { client, output }: WhyOptions): Promise<ExitCode> {
  const wanted = wantedClients(context, client);
  if (wanted.kind === "invalid") return refuse(wanted.problems);
  const outcomes = await lookAtClients(context, wanted.clients);
  const nowMs = context.ports.clock.now();
  const answers = outcomes.flatMap((outcome) => {
    if (outcome.kind !== "passed") return [];
    const meant = [...seenVms(outcome.report, nowMs)].filter((vm) => isMeant(vm, word));
    if (meant.length > 0) printProblems(clientResult(outcome, nowMs).problems);
    return meant.map((vm) => vmAnswer(vm, outcome.report));
  });
  if (answers.length === 0) {
    for (const outcome of outcomes) printProblems(clientResult(outcome, nowMs).problems);
    process.stderr.write(`ERROR: ${nobodyIsCalled(word, outcomes)}\n`);
  }
  const exitCode = answers.length === 0 ? EXIT.trouble : EXIT.well;
  if (output === "json") printJson({ exitCode, vms: answers });
  else process.stdout.write(answers.map((answer) => `${whyLines(answer).join("\n")}\n`).join("\n"));
  return exitCode;
}
