import process from "node:process";
import { type CommandContext, refuse, withCommand } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { wantedClients } from "../wanted-clients.ts";
import { type ClientPlan, clientPlan } from "./client-plan.ts";
import { lookAtClients } from "./look-at-clients.ts";
import { nobodyIsCalled } from "./nobody-is-called.ts";
import { planExitCode, planLines } from "./plan-text.ts";
import { printJson, printProblems } from "./print.ts";
import { MOMENT_ALLOWED, readMoment } from "./read-moment.ts";

export interface PlanOptions {
  readonly at?: string | undefined;
  readonly client?: readonly string[] | undefined;
  readonly vm?: string | undefined;
  readonly diff: boolean;
  readonly output: "text" | "json";
}

/** `plan`: what `sync` would do and why, by the same decisions. Not one byte is written. */
export async function runPlan(
  env: Readonly<Record<string, string | undefined>>,
  options: PlanOptions,
): Promise<ExitCode> {
  return withCommand({ env, access: "read" }, (context) => plan(context, options));
}

async function plan(context: CommandContext, { at, client, vm, diff, output }: PlanOptions): Promise<ExitCode> {
  const { settings, ports } = context;
  const wanted = wantedClients(context, client);
  if (wanted.kind === "invalid") return refuse(wanted.problems);
  const timeZone = settings.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const untilMs = at === undefined ? undefined : readMoment(at, ports.clock.now(), timeZone);
  if (at !== undefined && untilMs === undefined)
    return refuse([`--at is ${JSON.stringify(at)}: it must be ${MOMENT_ALLOWED}`]);

  const outcomes = await lookAtClients(context, wanted.clients);
  const nowMs = ports.clock.now();
  const plans: ClientPlan[] = [];
  for (const outcome of outcomes) plans.push(clientPlan(outcome, { nowMs, untilMs, vm, withDiff: diff }));
  for (const { problems } of plans) printProblems(problems);
  const isUnknown = vm !== undefined && plans.every(({ vms }) => vms === 0);
  if (isUnknown) process.stderr.write(`ERROR: ${nobodyIsCalled(vm, outcomes)}\n`);
  const exitCode = isUnknown ? EXIT.trouble : planExitCode(plans, vm !== undefined);
  if (output === "json") printJson({ exitCode, clients: plans });
  else for (const one of plans) for (const line of planLines(one)) process.stdout.write(`${line}\n`);
  return exitCode;
}
