import type { DiscoveryFailure } from "../discovery/discovery.ts";
import { type ClientCondition, clientCondition } from "./client-condition.ts";
import type { ClientFacts } from "./client-facts.ts";
import { sentence } from "./sentence.ts";
import { someNames } from "./some-names.ts";

/** What a person can do; the detail of the failure stands before it. */
const ADVICE: Readonly<Record<DiscoveryFailure, string>> = {
  DirectorUnreachable: "Check that the Director runs, and B_CONSOLE_CONF: address, port, Console name and password.",
  DirectorConsolesLow: "See who holds them by status director; it goes on by itself when they are free again.",
  ConsoleFailed: "Check BCONSOLE and B_CONSOLE_CONF.",
  TimedOut: "Check the File Daemon, its plugin and OpenStack; BCONSOLE_TIMEOUT is how long an answer may take.",
  AnswerTooLarge: "If the fleet is that large, raise BCONSOLE_MAX_BYTES.",
  ClientUnknown:
    "Add the Client resource to the Director's configuration and reload; or name the right one, in clients.conf or in another OpenStackClient.",
  NotAuthorized: "Give the Console the rights in its ACL: .query, and this Client.",
  ClientUnreachable: "Check that the File Daemon runs, and its address and password in the Client resource.",
  PluginError: "See the File Daemon's log: its plugin, proxyServer and OpenStack's credentials there.",
  EmptyAnswer:
    "Check that the File Daemon loads the plugin. If there are no VMs, set allowEmpty to true, or ALLOW_EMPTY=1 for all clients.",
  UnreadableAnswer: "Check the version of the plugin; the log has the answer.",
};

/** Whether the last listing is to be trusted (rules 1 and 3). A listing that is not changes nothing about any VM. */
export function discovered({ discovery, clockSkewed, contradicted }: ClientFacts): ClientCondition {
  if (discovery === undefined) return clientCondition("Discovered", "Unknown", "Progressing", "Not asked yet.");
  switch (discovery.kind) {
    case "failed":
      return clientCondition(
        "Discovered",
        "False",
        discovery.reason,
        `${sentence(discovery.detail)} ${ADVICE[discovery.reason]} Nothing is changed meanwhile.`,
      );
    case "suspicious":
      return clientCondition(
        "Discovered",
        "False",
        discovery.reason,
        `${sentence(discovery.detail)} Answers that differ are not believed; nothing is changed meanwhile.`,
      );
    case "listed":
      break;
    default:
      return discovery satisfies never;
  }
  if (clockSkewed) {
    const message =
      "The clocks of this host and of the catalog's server differ by more than the 5 minutes that are allowed. Set them by NTP; nothing is changed meanwhile.";
    return clientCondition("Discovered", "False", "ClockSkew", message);
  }
  const { length } = discovery.vms;
  if (contradicted.length > 0) {
    const message = `Not listed, but backed up since: ${someNames(contradicted)}. They are not disabled; check what the plugin may see in OpenStack.`;
    return clientCondition("Discovered", "False", "ContradictedByBackups", message);
  }
  if (discovery.looksLikePageLimit) {
    const message = `${length} VMs are listed, which is the length of a page: check that the plugin reads all pages.`;
    return clientCondition("Discovered", "True", "PageLimitSuspected", message);
  }
  return clientCondition("Discovered", "True", "Listed", `${length} VMs are listed.`);
}
