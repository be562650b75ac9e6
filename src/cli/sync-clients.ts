import { resolve } from "node:path";
import type { ClaimVerdict } from "../domain/client/claims.ts";
import { joinReports } from "../sync/join-reports.ts";
import { judgeVolumeClaims } from "../sync/judge-volume-claims.ts";
import type { PassReport } from "../sync/pass-report.ts";
import { newVmsWaiting, putOffUntilMs } from "../sync/put-off.ts";
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

/** A person's words for one run; each by the name of the Bacula client. */
export interface SyncWords {
  readonly approvals: ReadonlyMap<string, string>;
  readonly takeOvers: ReadonlySet<string>;
  /** Hand-edited directives of all clients follow policy too. */
  readonly appliesPolicy: boolean;
}

/** All clients share one lock and one reload, but those that have answered do not wait longer than this for the others. */
const GATHER_MS = 60_000;

/**
 * One pass over every client of clients.conf, all at once, by the same runner as the operator's; outcomes in the order
 * of the lines. One client's trouble never stops the others. Rejects when the command is told to stop.
 */
export async function syncClients(
  { settings, clients, ports, purges, log, signal }: CommandContext,
  words: SyncWords,
  onDone: (outcome: ClientOutcome) => void = () => undefined,
): Promise<readonly ClientOutcome[]> {
  const { firstBackupsPerClient: perClient, firstBackupsTotal: total } = settings.limits;
  const { newVmsPerPass, tagChangeIntervalMs } = settings.limits;
  const runner = new SyncRunner(ports, {
    gatherMs: GATHER_MS,
    gathersAll: true,
    waitsForSchedule: true,
    leavesReload: !settings.reloadAfterSync,
    signal,
    firstBackups: { perClient, total },
    newVmsPerPass,
    tagChangeIntervalMs,
    purges,
    onScheduleUnknown: (detail) => log.info({ detail }, "the Director did not say which jobs it runs by itself"),
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
      approval: words.approvals.get(client.policy.client),
      takesOver: words.takeOvers.has(client.policy.client),
      appliesPolicy: words.appliesPolicy,
    };
    try {
      const startMs = ports.clock.now();
      let report = await runner.run(request, signal);
      const { discovery, catalog } = report.observation;
      const seen = { client: client.policy.client, discovery: discovery.kind, catalog: catalog.kind };
      log.info({ ...seen, outcome: report.outcome.kind, ms: ports.clock.now() - startMs }, "pass");
      // A process that has no next pass goes on with what this one put off, as long as it gets ahead.
      while (waitsForNext(report)) report = joinReports(report, await runner.run(request, signal));
      return { kind: "passed", client, report, warnings: verdict.warnings };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "failed", client, error };
    }
  }

  return Promise.all(
    clients.map(async (client) => {
      const outcome = await sync(client);
      onDone(outcome);
      return outcome;
    }),
  );
}

/** New VMs wait for another pass (rule 8), and this one has given some their job. */
function waitsForNext(report: PassReport): boolean {
  const dueMs = newVmsWaiting(report) > 0 ? putOffUntilMs(report) : undefined;
  return dueMs !== undefined && dueMs <= report.observation.atMs && report.policy.mode === "Enforce";
}

/** The command line's lasting name as a front end: every run with this clients.conf is the same one. */
function frontEndOf(clientsConf: string): string {
  return `command line ${resolve(clientsConf)}`;
}
