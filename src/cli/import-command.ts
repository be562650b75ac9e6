import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseEnv } from "node:util";
import { directorConfPlaces, readDirectorConf } from "../bacula/read-director-conf.ts";
import { findHandWrittenJobs } from "../domain/import/hand-written-jobs.ts";
import { splitResources } from "../domain/jobfile/split-resources.ts";
import { clientManifest } from "./client-manifest.ts";
import { type ClientResult, clientResult } from "./client-result.ts";
import { type CommandContext, refuse, withCommand } from "./command-context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { problemLines, resultLines } from "./print-result.ts";
import { type ClientOutcome, syncClients } from "./sync-clients.ts";

export interface ImportOptions {
  readonly envFile?: string | undefined;
  readonly directorConf?: string | undefined;
}

/**
 * `import`: looks at an installation that another program or this one made (clients.conf, environment file, tree), says
 * what a sync would change of it and which VMs the administrator's own jobs back up too, and prints the OpenStackClients
 * by which an operator goes on with it. It is a dry run of `sync` and changes nothing.
 */
export async function runImport(
  env: Readonly<Record<string, string | undefined>>,
  options: ImportOptions,
): Promise<ExitCode> {
  const file = await readEnvFile(options.envFile);
  if (file.kind === "invalid") return refuse([file.problem]);
  const merged = { ...env, ...file.variables, DRYRUN: "1" };
  return withCommand({ env: merged, access: "read" }, (context) => importAll(context, options));
}

async function importAll(context: CommandContext, { directorConf }: ImportOptions): Promise<ExitCode> {
  const { clients, ports } = context;
  const outcomes = await syncClients(context, {
    approvals: new Map(),
    takeOvers: new Set(),
    appliesPolicy: false,
  });
  const results = outcomes.map((outcome) => clientResult(outcome, ports.clock.now()));
  const twice = await backedUpTwice(context, outcomes, directorConf);
  const lines = [...results.flatMap(findings), ...twice.lines];
  for (const line of lines) process.stdout.write(`# ${line}\n`);
  for (const { policy } of clients) process.stdout.write(`---\n${clientManifest(policy)}`);
  if (twice.isFound || results.some(({ problems }) => problems.some(({ fails }) => fails))) return EXIT.trouble;
  return results.some(({ actions }) => actions.length > 0) ? EXIT.changesPending : EXIT.well;
}

function findings(result: ClientResult): readonly string[] {
  const { client, actions, counts } = result;
  const unchanged =
    counts === undefined || actions.length > 0 ? [] : [`${client}: a sync would change no job or fileset file`];
  return [...problemLines(result), ...resultLines(result), ...unchanged];
}

/** VMs that a job of the administrator's backs up, by the Director's configuration outside BASE_DIR. */
async function backedUpTwice(
  { settings }: CommandContext,
  outcomes: readonly ClientOutcome[],
  directorConf: string | undefined,
): Promise<{ readonly isFound: boolean; readonly lines: readonly string[] }> {
  const { directorBaseDir, director } = settings;
  const conf = await readDirectorConf(
    directorConfPlaces(directorConf, director.testCommand),
    `${directorBaseDir}/include.conf`,
  );
  if (conf.kind === "unread") {
    const line = `not looked for jobs that back up a VM twice: the Director's configuration cannot be read (${conf.detail}); name it by --director-conf`;
    return { isFound: false, lines: [line] };
  }
  const vms = outcomes.flatMap((outcome) =>
    outcome.kind === "passed" && outcome.report.outcome.kind === "passed" ? outcome.report.outcome.vms : [],
  );
  const files = conf.files.map(({ file, text }) => ({ file, resources: splitResources(text) }));
  const found = findHandWrittenJobs(files, vms);
  const lines = found.map(
    ({ vm, job, place, fileSet }) =>
      `WARN: VM ${vm.uuid} is backed up twice: also by Job "${job}" (${place}, FileSet "${fileSet}"). Remove that job, or opt the VM out by backup=false`,
  );
  return {
    isFound: found.length > 0,
    lines: found.length > 0 ? lines : ["no hand-written job backs up one of the VMs"],
  };
}

async function readEnvFile(
  file: string | undefined,
): Promise<
  | { readonly kind: "read"; readonly variables: Readonly<Record<string, string | undefined>> }
  | { readonly kind: "invalid"; readonly problem: string }
> {
  if (file === undefined) return { kind: "read", variables: {} };
  try {
    return { kind: "read", variables: parseEnv(await readFile(file, "utf8")) };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { kind: "invalid", problem: `--env-file ${file} cannot be read: ${words}` };
  }
}
