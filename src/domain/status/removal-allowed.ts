import { type ClientCondition, clientCondition } from "./client-condition.ts";
import type { ClientFacts } from "./client-facts.ts";
import { OPERATOR_WORDS } from "./front-end-words.ts";
import { someNames } from "./some-names.ts";

/** Names that `status.removal` shows. */
export const MOST_NAMES = 20;

const WHAT = {
  TooManyMissing: "VMs are absent at once",
  TooManyDisabled: "jobs would be disabled within 24 hours",
  PolicyOutage: "VMs lost or changed their tags at once",
} as const;

/** Whether absent VMs go their way (rules 2 and 2b). Held ones stay protected, and new VMs are protected as ever. */
export function removalAllowed(facts: ClientFacts): ClientCondition {
  const { removals, mode, discovery, clockSkewed, catalog, words = OPERATOR_WORDS } = facts;
  if (mode === "DryRun") {
    return clientCondition(
      "RemovalAllowed",
      "False",
      "DryRun",
      "In a dry run nothing is removed and no absence counts.",
    );
  }
  switch (removals?.kind) {
    case "killSwitch":
      return clientCondition(
        "RemovalAllowed",
        "False",
        "Hold",
        "The file HOLD in BASE_DIR stops every disable and purge. Remove it to go on.",
      );
    case "held":
      return clientCondition(
        "RemovalAllowed",
        "False",
        removals.reason,
        `${removals.names.length} of ${removals.known} ${WHAT[removals.reason]}: ${someNames(removals.names)}. They are held. If this is right, ${words.approve(removals.token)}.`,
      );
    case "allowed":
    case undefined:
      break;
    default:
      return removals satisfies never;
  }
  if (discovery === undefined || catalog === undefined) {
    return clientCondition("RemovalAllowed", "Unknown", "Progressing", "Not judged yet.");
  }
  if (discovery.kind !== "listed" || catalog.kind !== "read" || clockSkewed) {
    const message = "Nothing is known of absences, so none counts.";
    return clientCondition("RemovalAllowed", "Unknown", "DiscoveryUnavailable", message);
  }
  return clientCondition("RemovalAllowed", "True", "WithinLimits", "No more VMs are absent than maxMissing allows.");
}
