import type { CommandContext } from "../command-context.ts";
import { type ClientOutcome, passOverClients } from "../pass-over-clients.ts";
import { showProgress } from "../progress.ts";
import type { ConfiguredClient } from "../read-clients.ts";

/** A dry run over the wanted clients; not one byte is written. See `passOverClients`. */
export async function lookAtClients(
  context: CommandContext,
  wanted: readonly ConfiguredClient[],
): Promise<readonly ClientOutcome[]> {
  const progress = showProgress(wanted.length, () => context.ports.clock.now());
  const passes = {
    wanted: wanted.map((client) => ({ ...client, policy: { ...client.policy, mode: "DryRun" as const } })),
    runner: {},
    words: () => ({ foresees: true }),
    onDone: () => progress.step(),
  };
  try {
    return await passOverClients(context, passes, (_client, pass) => pass());
  } finally {
    progress.end();
  }
}
