import { toEffectiveSpec } from "../../api/effective.ts";
import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { ClientFacts } from "../../domain/status/client-facts.ts";
import { clientStatus } from "../../domain/status/client-status.ts";
import { wireTime } from "../../domain/status/wire-time.ts";
import type { DesiredStatus } from "../../kubernetes/status/merge-status.ts";
import type { PlannedAction } from "../../sync/plan-of-report.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { OpenStackClientRecord } from "./open-stack-client-record.ts";
import { lastTakeOver } from "./take-over.ts";

const MOST_ACTIONS = 100;

/** The whole status of an OpenStackClient, from what a pass found and what is remembered from before. */
export function clientStatusOf(
  record: OpenStackClientRecord,
  facts: ClientFacts,
  policy: ClientPolicy | undefined,
  memory: ClientMemory,
  plan: readonly PlannedAction[] | undefined,
): DesiredStatus {
  const { conditions, removal } = clientStatus(facts);
  const { generation, status: shown } = record;
  const lastDiscoveryTime =
    memory.lastDiscoveryMs === undefined ? shown["lastDiscoveryTime"] : wireTime(memory.lastDiscoveryMs);
  return {
    observedGeneration: generation,
    conditions: conditions.map((condition) => ({ ...condition, observedGeneration: generation })),
    counts: memory.counts ?? shown["counts"],
    lastDiscoveryTime,
    nextDiscoveryTime: memory.nextDiscoveryMs === undefined ? undefined : wireTime(memory.nextDiscoveryMs),
    effective: policy === undefined ? undefined : toEffectiveSpec(policy),
    removal,
    plan:
      plan === undefined
        ? undefined
        : { actions: plan.slice(0, MOST_ACTIONS), omitted: Math.max(0, plan.length - MOST_ACTIONS) },
    lastTakeOver: lastTakeOver(record, memory),
    lastApproval: memory.lastApproval ?? shown["lastApproval"],
    lastHandledRequest: memory.handledRequest ?? shown["lastHandledRequest"],
  };
}
