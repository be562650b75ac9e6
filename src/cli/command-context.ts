import process from "node:process";
import { createLog, type Log } from "../observability/log.ts";
import { formatDuration } from "../settings/duration.ts";
import { parseSettings, type Settings } from "../settings/settings.ts";
import type { PurgeMeans } from "../sync/batch-context.ts";
import type { Ports } from "../sync/ports.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { openPorts, type VolumeAccess } from "./ports-of.ts";
import { type ConfiguredClient, readClients } from "./read-clients.ts";

/** What every command of the command line works with. */
export interface CommandContext {
  readonly settings: Settings;
  /** The lines of clients.conf, in their order; perhaps none. Whether two claim the same is not judged yet. */
  readonly clients: readonly ConfiguredClient[];
  readonly ports: Ports;
  /** What may delete; see `openPorts`. */
  readonly purges: PurgeMeans;
  /** On standard error, so that standard output has nothing but the command's answer. */
  readonly log: Log;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

export interface CommandStart {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `read`: no byte of BASE_DIR is written, whatever the settings say. `write` becomes `read` under DRYRUN=1. */
  readonly access: VolumeAccess;
}

/**
 * Runs a command from its start to its exit code: settings and clients.conf are checked before anything is done, the
 * connections are closed at the end, and a signal or an error ends it with a line that says so.
 */
export async function withCommand(
  { env, access }: CommandStart,
  work: (context: CommandContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const parsed = parseSettings(env, "command line");
  if (parsed.kind === "invalid") return refuse(parsed.problems);
  const { settings } = parsed;
  const read = await readClients(settings);
  if (read.kind === "invalid") return refuse(read.problems);

  const stop = new AbortController();
  // Not `once`: while a bconsole runs, execa listens too, and ends the process when it finds itself the only listener.
  const onSignal = (name: NodeJS.Signals) => stop.abort(new Error(`stopped by ${name}`));
  const signals = ["SIGTERM", "SIGINT"] as const;
  for (const name of signals) process.on(name, onSignal);
  const log = createLog(settings.log.level, settings.log.format, process.stderr);
  const onLockWait = (holder: string) =>
    process.stderr.write(
      `WARN: another writer of ${settings.baseDir} is at work (${holder}); waiting for it up to ${formatDuration(settings.lockWaitMs)} (LOCK_WAIT)\n`,
    );
  const open = openPorts(settings, { now: Date.now }, settings.isDryRun ? "read" : access, onLockWait);
  try {
    return await work({
      settings,
      clients: read.clients,
      ports: open.ports,
      purges: open.purges,
      log,
      signal: stop.signal,
    });
  } catch (error) {
    if (stop.signal.aborted) return fail(stop.signal.reason);
    log.debug({ err: error }, "the command failed");
    return fail(error);
  } finally {
    await open.close();
    for (const name of signals) process.off(name, onSignal);
  }
}

/** Says what is wrong with what was given; nothing was done. */
export function refuse(problems: readonly string[]): ExitCode {
  for (const problem of problems) process.stderr.write(`ERROR: ${problem}\n`);
  return EXIT.wrongInput;
}

function fail(error: unknown): ExitCode {
  process.stderr.write(`ERROR: ${error instanceof Error ? error.message : String(error)}\n`);
  return EXIT.trouble;
}
