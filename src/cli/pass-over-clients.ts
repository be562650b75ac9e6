import { resolve } from "node:path";
import type { ClaimVerdict } from "../domain/client/claims.ts";
import { judgeVolumeClaims } from "../sync/judge-volume-claims.ts";
import type { PassReport } from "../sync/pass-report.ts";
import { type SyncRequest, SyncRunner, type SyncRunnerOptions } from "../sync/sync-runner.ts";
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

/** One pass over one client, as often as it is called. */
export type PassOnce = () => Promise<PassReport>;

export interface Passes {
  /** The lines that get a pass. Whether two claim the same is judged over all lines, these or not. */
  readonly wanted: readonly ConfiguredClient[];
  readonly runner: Pick<SyncRunnerOptions, "leavesReload" | "firstBackups" | "onScheduleUnknown">;
  /** A person's words for one client. */
  readonly words: (
    client: ConfiguredClient,
  ) => Pick<SyncRequest, "approval" | "takesOver" | "appliesPolicy" | "foresees">;
  readonly onDone: (outcome: ClientOutcome) => void;
}

/** All clients share one lock and one reload, but those that have answered do not wait longer than this for the others. */
const GATHER_MS = 60_000;

/**
 * Passes over the wanted clients, all at once, by the same runner as the operator's; outcomes in the order of the lines.
 * `work` says of one client how many passes it takes. One client's trouble never stops the others. Rejects when the
 * command is told to stop.
 */
export async function passOverClients(
  { settings, clients, ports, purges, signal }: CommandContext,
  { wanted, runner: options, words, onDone }: Passes,
  work: (client: ConfiguredClient, pass: PassOnce) => Promise<PassReport>,
): Promise<readonly ClientOutcome[]> {
  const { newVmsPerPass, tagChangeIntervalMs } = settings.limits;
  const runner = new SyncRunner(ports, {
    ...options,
    gatherMs: GATHER_MS,
    gathersAll: true,
    waitsForSchedule: true,
    signal,
    newVmsPerPass,
    tagChangeIntervalMs,
    purges,
  });
  const claims = clients.map(({ place, policy, line }) => ({ id: place, identity: policy, createdAtMs: line.line }));
  const verdicts = await judgeVolumeClaims(claims, ports.volume, signal);
  const frontEnd = frontEndOf(settings.clientsConf);

  async function outcomeOf(client: ConfiguredClient): Promise<ClientOutcome> {
    const verdict: ClaimVerdict = verdicts.get(client.place) ?? { kind: "granted", warnings: [] };
    if (verdict.kind === "refused") return { kind: "refused", client, reason: verdict.reason };
    const request: SyncRequest = {
      policy: client.policy,
      // A person's words are in the headers; there is no other place for them here.
      personal: () => () => undefined,
      maxSightGapMs: settings.maxSyncGapMs,
      frontEnd,
      ...words(client),
    };
    try {
      const report = await work(client, () => runner.run(request, signal));
      return { kind: "passed", client, report, warnings: verdict.warnings };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "failed", client, error };
    }
  }

  return Promise.all(
    wanted.map(async (client) => {
      const outcome = await outcomeOf(client);
      onDone(outcome);
      return outcome;
    }),
  );
}

/** The command line's lasting name as a front end: every run with this clients.conf is the same one. */
function frontEndOf(clientsConf: string): string {
  return `command line ${resolve(clientsConf)}`;
}
