import process from "node:process";
import { REASON_TEXT } from "../domain/client/allowed-text.ts";
import type { PersonalChange } from "../domain/jobfile/personal-headers.ts";
import { someNames } from "../domain/status/some-names.ts";
import { wireTime } from "../domain/status/wire-time.ts";
import { judgeVolumeClaims } from "../sync/judge-volume-claims.ts";
import { type SaidOutcome, sayForVm, type VmWithJob } from "../sync/say-for-vm.ts";
import { type CommandContext, refuse, withCommand } from "./command-context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { wantedClients } from "./wanted-clients.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface HoldOptions {
  readonly client?: readonly string[] | undefined;
}

/** `hold`: the VM's job is never disabled and its backups are never purged until `release`. */
export async function runHold(
  env: Environment,
  word: string,
  { reason, ...options }: HoldOptions & { readonly reason: string },
): Promise<ExitCode> {
  const { pattern, maxLength, allowed } = REASON_TEXT;
  const words = reason.trim();
  if (!pattern.test(words) || words.length > maxLength)
    return refuse([`--reason is ${JSON.stringify(reason)}: it must be ${allowed}`]);
  return withCommand({ env, access: "write" }, (context) => say(context, word, { hold: words }, options));
}

/** `release`: takes the hold away. */
export async function runRelease(env: Environment, word: string, options: HoldOptions): Promise<ExitCode> {
  return withCommand({ env, access: "write" }, (context) => say(context, word, { hold: null }, options));
}

async function say(
  context: CommandContext,
  word: string,
  wish: PersonalChange & { readonly hold: string | null },
  { client: names }: HoldOptions,
): Promise<ExitCode> {
  const { settings, ports, clients: all, signal } = context;
  const wanted = wantedClients(context, names);
  if (wanted.kind === "invalid") return refuse(wanted.problems);
  const claims = all.map(({ place, policy, line }) => ({ id: place, identity: policy, createdAtMs: line.line }));
  const verdicts = await judgeVolumeClaims(claims, ports.volume, signal);
  const granted = wanted.clients.filter(({ place }) => verdicts.get(place)?.kind !== "refused");
  const writes = !settings.isDryRun;
  const clients = granted.map(({ policy }) => policy);
  const outcome = await sayForVm(word, wish, { clients, volume: ports.volume, writes }, signal);
  return tell(outcome, word, wish.hold, writes);
}

function tell(outcome: SaidOutcome, word: string, hold: string | null, writes: boolean): ExitCode {
  switch (outcome.kind) {
    case "said":
      process.stdout.write(`${saidText(outcome.vm, hold, outcome.news, writes)}\n`);
      return EXIT.well;
    case "several":
      process.stderr.write(
        `ERROR: ${JSON.stringify(word)} fits ${outcome.vms.length} VMs, and nothing was written. Name one by its uuid or job, or its client by --client:\n`,
      );
      for (const { headers, jobName } of outcome.vms)
        process.stderr.write(`  ${headers.uuid}  ${headers.client}  ${jobName}\n`);
      return EXIT.trouble;
    case "unknown": {
      const folders = outcome.unreadable;
      const hint = folders.length === 0 ? "" : `; folders that cannot be read: ${someNames(folders)}`;
      process.stderr.write(
        `ERROR: no job file is for a VM, uuid or job ${JSON.stringify(word)}${hint}. A hold is kept in the job file: a VM without one has nothing that could be disabled or purged\n`,
      );
      return EXIT.trouble;
    }
    case "volume":
      process.stderr.write(`ERROR: ${outcome.detail} [${outcome.reason}]\n`);
      return outcome.reason === "LockHeld" ? EXIT.lockHeld : EXIT.trouble;
    default:
      return outcome satisfies never;
  }
}

function saidText({ jobName, headers }: VmWithJob, hold: string | null, news: boolean, writes: boolean): string {
  const { vm, uuid, client, missingSince } = headers;
  const who = `${client}: ${jobName} (VM ${vm}, ${uuid})`;
  const begin = news && !writes ? `DRYRUN: would write: ${who}` : who;
  if (hold !== null) return `${begin} is held${news ? "" : " already"}: ${hold}`;
  const released = news ? "is released" : "was not held";
  const missing =
    missingSince === undefined
      ? ""
      : `. It is not listed since ${wireTime(missingSince)}: plan says whether the next sync disables it`;
  return `${begin} ${released}${missing}`;
}
