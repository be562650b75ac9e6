import process from "node:process";
import { type ClientResult, clientResult } from "./client-result.ts";
import { type CommandContext, refuse, withCommand } from "./command-context.ts";
import type { ExitCode } from "./exit-code.ts";
import { exitCodeOf, problemLines, resultLines } from "./print-result.ts";
import { showProgress } from "./progress.ts";
import { syncClients } from "./sync-clients.ts";
import { readWords, type SyncOptions } from "./sync-words.ts";

/**
 * `sync`: one pass over every client of clients.conf, by the same pass as the operator's. What was done goes to standard
 * output, what went wrong to standard error; a client is told when it is done, in whatever order that is.
 */
export async function runSync(
  env: Readonly<Record<string, string | undefined>>,
  options: SyncOptions & { readonly output: "text" | "json" },
): Promise<ExitCode> {
  return withCommand({ env, access: "write" }, (context) => sync(context, options));
}

async function sync(
  context: CommandContext,
  { output, ...options }: SyncOptions & { readonly output: "text" | "json" },
): Promise<ExitCode> {
  const { clients, ports, log, settings } = context;
  if (clients.length === 0)
    return refuse([
      `CLIENTS_CONF ${settings.clientsConf} has no client. Add a line: datacenter openstack client proxy_server job_prefix [jobdefs]`,
    ]);
  const read = readWords(options, clients);
  if (read.kind === "invalid") return refuse(read.problems);

  const results = new Map<string, ClientResult>();
  const progress = showProgress(clients.length, () => ports.clock.now());
  let shown = 0;
  /** In the order of the lines: two logs of one fleet can be compared. */
  function showWhatIsDue(): void {
    for (const { place } of clients.slice(shown)) {
      const result = results.get(place);
      if (result === undefined) return;
      show(result, output);
      shown++;
    }
  }
  try {
    await syncClients(context, read.words, (outcome) => {
      results.set(outcome.client.place, clientResult(outcome, ports.clock.now()));
      if (outcome.kind === "failed") log.error({ err: outcome.error }, "a fault of this program");
      progress.step();
      progress.clear();
      showWhatIsDue();
    });
  } finally {
    progress.end();
  }
  const exitCode = exitCodeOf([...results.values()]);
  if (output === "json")
    process.stdout.write(
      `${JSON.stringify({ version: 1, exitCode, clients: clients.map(({ place }) => results.get(place)) }, null, 2)}\n`,
    );
  return exitCode;
}

function show(result: ClientResult, output: "text" | "json"): void {
  for (const line of problemLines(result)) process.stderr.write(`${line}\n`);
  if (output === "text") for (const line of resultLines(result)) process.stdout.write(`${line}\n`);
}
