import process from "node:process";
import type { SectionChecks } from "../domain/preflight/check.ts";
import { countChecks, sectionText, summaryText } from "../domain/preflight/report.ts";
import { parseSettings } from "../settings/settings.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { openPorts } from "./ports-of.ts";
import { refusedSettings, runPreflight } from "./preflight/run-preflight.ts";
import { readClients } from "./read-clients.ts";
import { programVersion } from "./version-command.ts";

export interface PreflightOptions {
  readonly output: "text" | "json";
  readonly directorConf?: string | undefined;
  readonly fileDaemonConf?: string | undefined;
}

/**
 * `preflight` (white paper 8.1): looks at everything that a sync needs and changes nothing. Exit code 1 when a check
 * FAILs, else 0. Wrong settings and a wrong clients.conf are findings here, not a reason to look at nothing.
 */
export async function runPreflightCommand(
  env: Readonly<Record<string, string | undefined>>,
  options: PreflightOptions,
): Promise<ExitCode> {
  const parsed = parseSettings(env, "command line");
  if (parsed.kind === "invalid") return tell(refusedSettings(env, parsed.problems), options);
  const { settings } = parsed;
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => stop.abort(new Error(`stopped by ${name}`));
  const signals = ["SIGTERM", "SIGINT"] as const;
  for (const name of signals) process.on(name, onSignal);
  const open = openPorts(settings, { now: Date.now }, "read");
  try {
    const { directorConf, fileDaemonConf } = options;
    const input = { env, settings, ports: open.ports, directorConf, fileDaemonConf, signal: stop.signal };
    return await tell(runPreflight(input, await readClients(settings)), options);
  } catch (error) {
    process.stderr.write(`ERROR: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.trouble;
  } finally {
    await open.close();
    for (const name of signals) process.off(name, onSignal);
  }
}

async function tell(sections: AsyncIterable<SectionChecks>, { output }: PreflightOptions): Promise<ExitCode> {
  const all: SectionChecks[] = [];
  for await (const section of sections) {
    all.push(section);
    if (output === "text") process.stdout.write(sectionText(section));
  }
  const counts = countChecks(all);
  const exitCode = counts.FAIL > 0 ? EXIT.trouble : EXIT.well;
  if (output === "text") process.stdout.write(summaryText(counts));
  else {
    const document = { version: await programVersion(), sections: all, summary: counts, exitCode };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
  return exitCode;
}
