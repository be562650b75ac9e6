import { resolve } from "node:path";
import type { ClaimVerdict } from "../domain/client/claims.ts";
import { judgeVolumeClaims } from "../sync/judge-volume-claims.ts";
import type { PassReport } from "../sync/pass-report.ts";
import { SyncRunner } from "../sync/sync-runner.ts";
import type { CommandContext } from "./command-context.ts";
import type { ConfiguredClient } from "./read-clients.ts";

/** What one run found and did for one line of clients.conf. */
export type ClientOutcome =
  /** Another line owns the client, prefix or folder: nothing was done (rule 6). */
  | { readonly kind: "refused"; readonly client: ConfiguredClient; readonly reason: string }
  | {
      readonly kind: "passed";
      readonly client: ConfiguredClient;
      readonly report: PassReport;
      /** What is legal and easily mistaken, such as a prefix that begins another. */
      readonly warnings: readonly string[];
    }
  /** A fault of this program, which is no other client's: the others go on. */
  | { readonly kind: "failed"; readonly client: ConfiguredClient; readonly error: unknown };

/** How long the first client whose answer is there waits for the others, so that they share one lock and one reload. */
const GATHER_MS = 2_000;

/**
 * One pass over every client of clients.conf, all at once, by the same runner as the operator's; outcomes in the order
 * of the lines. One client's trouble never stops the others. Rejects when the command is told to stop.
 */
export async function syncClients(
  { settings, clients, ports, signal }: CommandContext,
  { onDone }: { readonly onDone?: ((outcome: ClientOutcome) => void) | undefined } = {},
): Promise<readonly ClientOutcome[]> {
  const { firstBackupsPerClient: perClient, firstBackupsTotal: total } = settings.limits;
  const { newVmsPerPass, tagChangeIntervalMs } = settings.limits;
  const runner = new SyncRunner(ports, {
    gatherMs: GATHER_MS,
    signal,
    firstBackups: { perClient, total },
    newVmsPerPass,
    tagChangeIntervalMs,
  });
  const claims = clients.map(({ place, policy, line }) => ({ id: place, identity: policy, createdAtMs: line.line }));
  const verdicts = await judgeVolumeClaims(claims, ports.volume, signal);
  const frontEnd = frontEndOf(settings.clientsConf);

  async function sync(client: ConfiguredClient): Promise<ClientOutcome> {
    const verdict: ClaimVerdict = verdicts.get(client.place) ?? { kind: "granted", warnings: [] };
    if (verdict.kind === "refused") return { kind: "refused", client, reason: verdict.reason };
    const request = {
      policy: client.policy,
      // A person's words are in the headers; there is no other place for them here.
      personal: () => () => undefined,
      maxSightGapMs: settings.maxSyncGapMs,
      frontEnd,
    };
    try {
      const report = await runner.run(request, signal);
      return { kind: "passed", client, report, warnings: verdict.warnings };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "failed", client, error };
    }
  }

  return Promise.all(
    clients.map(async (client) => {
      const outcome = await sync(client);
      onDone?.(outcome);
      return outcome;
    }),
  );
}

/** The command line's lasting name as a front end: every run with this clients.conf is the same one. */
function frontEndOf(clientsConf: string): string {
  return `command line ${resolve(clientsConf)}`;
}
