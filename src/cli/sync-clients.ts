import { joinReports } from "../sync/join-reports.ts";
import type { PassReport } from "../sync/pass-report.ts";
import { newVmsWaiting, putOffUntilMs } from "../sync/put-off.ts";
import type { CommandContext } from "./command-context.ts";
import { type ClientOutcome, type PassOnce, passOverClients } from "./pass-over-clients.ts";
import type { ConfiguredClient } from "./read-clients.ts";

/** A person's words for one run; each by the name of the Bacula client. */
export interface SyncWords {
  readonly approvals: ReadonlyMap<string, string>;
  readonly takeOvers: ReadonlySet<string>;
  /** Hand-edited directives of all clients follow policy too. */
  readonly appliesPolicy: boolean;
}

/** Brings every client of clients.conf to what its policy says; see `passOverClients`. */
export function syncClients(
  context: CommandContext,
  words: SyncWords,
  onDone: (outcome: ClientOutcome) => void = () => undefined,
): Promise<readonly ClientOutcome[]> {
  const { settings, clients, ports, log } = context;
  const { firstBackupsPerClient: perClient, firstBackupsTotal: total } = settings.limits;

  async function sync({ policy }: ConfiguredClient, pass: PassOnce): Promise<PassReport> {
    const startMs = ports.clock.now();
    let report = await pass();
    const { discovery, catalog } = report.observation;
    const seen = { client: policy.client, discovery: discovery.kind, catalog: catalog.kind };
    log.info({ ...seen, outcome: report.outcome.kind, ms: ports.clock.now() - startMs }, "pass");
    // A process that has no next pass goes on with what this one put off, as long as it gets ahead.
    while (waitsForNext(report)) report = joinReports(report, await pass());
    return report;
  }

  const passes = {
    wanted: clients,
    runner: {
      leavesReload: !settings.reloadAfterSync,
      firstBackups: { perClient, total },
      onScheduleUnknown: (detail: string) =>
        log.info({ detail }, "the Director did not say which jobs it runs by itself"),
    },
    words: ({ policy: { client } }: ConfiguredClient) => ({
      approval: words.approvals.get(client),
      takesOver: words.takeOvers.has(client),
      appliesPolicy: words.appliesPolicy,
    }),
    onDone,
  };
  return passOverClients(context, passes, sync);
}

/** New VMs wait for another pass (rule 8), and this one has given some their job. */
function waitsForNext(report: PassReport): boolean {
  const dueMs = newVmsWaiting(report) > 0 ? putOffUntilMs(report) : undefined;
  return dueMs !== undefined && dueMs <= report.observation.atMs && report.policy.mode === "Enforce";
}
