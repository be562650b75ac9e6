import { resolve } from "node:path";
import type { ClaimVerdict } from "../../domain/client/claims.ts";
import { judgeVolumeClaims } from "../../sync/judge-volume-claims.ts";
import { SyncRunner } from "../../sync/sync-runner.ts";
import type { CommandContext } from "../command-context.ts";
import { showProgress } from "../progress.ts";
import type { ConfiguredClient } from "../read-clients.ts";
import type { ClientOutcome } from "../sync-clients.ts";

/** All clients are decided on together, but those that have answered do not wait longer than this for the others. */
const GATHER_MS = 60_000;

/**
 * A dry run over the wanted clients, of which nobody waits for another's trouble; outcomes in the order of the lines.
 * Not one byte is written. Whether two lines claim the same is judged over all lines, wanted or not. Rejects when the
 * command is told to stop.
 */
export async function lookAtClients(
  { settings, clients, ports, signal }: CommandContext,
  wanted: readonly ConfiguredClient[],
): Promise<readonly ClientOutcome[]> {
  const { newVmsPerPass, tagChangeIntervalMs } = settings.limits;
  const runner = new SyncRunner(ports, {
    gatherMs: GATHER_MS,
    gathersAll: true,
    waitsForSchedule: true,
    signal,
    newVmsPerPass,
    tagChangeIntervalMs,
  });
  const claims = clients.map(({ place, policy, line }) => ({ id: place, identity: policy, createdAtMs: line.line }));
  const verdicts = await judgeVolumeClaims(claims, ports.volume, signal);
  const progress = showProgress(wanted.length, () => ports.clock.now());

  async function look(configured: ConfiguredClient): Promise<ClientOutcome> {
    const client: ConfiguredClient = { ...configured, policy: { ...configured.policy, mode: "DryRun" } };
    const verdict: ClaimVerdict = verdicts.get(client.place) ?? { kind: "granted", warnings: [] };
    if (verdict.kind === "refused") return { kind: "refused", client, reason: verdict.reason };
    const request = {
      policy: client.policy,
      personal: () => () => undefined,
      maxSightGapMs: settings.maxSyncGapMs,
      frontEnd: `command line ${resolve(settings.clientsConf)}`,
      foresees: true,
    };
    try {
      return { kind: "passed", client, report: await runner.run(request, signal), warnings: verdict.warnings };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "failed", client, error };
    } finally {
      progress.step();
    }
  }

  try {
    return await Promise.all(wanted.map(look));
  } finally {
    progress.end();
  }
}
