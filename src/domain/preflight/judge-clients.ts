import type { ClaimVerdict } from "../client/claims.ts";
import type { ClientPolicy } from "../client/client-policy.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { type Check, fail, ok, warn } from "./check.ts";

/** Whether a line of clients.conf may work beside the others (rule 6). */
export function judgeClaimOf(place: string, verdict: ClaimVerdict): readonly Check[] {
  if (verdict.kind === "refused") {
    return [
      fail(
        `${place} is refused`,
        verdict.reason,
        "give each line its own client, job_prefix and (datacenter, openstack), or remove one of the two",
      ),
    ];
  }
  return verdict.warnings.map((warning) =>
    warn(
      `${place}: ${warning}`,
      "a job of one could be taken for a job of the other by a person or a script",
      "choose prefixes of which none begins another; nothing of ours mixes them up",
    ),
  );
}

/** What `.query` answered for one client (white paper 3.1). */
export function judgeQuery({ client, proxyServer }: ClientPolicy, discovery: Discovery): Check {
  if (discovery.kind !== "listed") {
    return fail(
      `${client}: no response from bconsole that lists VMs (${discovery.reason})`,
      discovery.detail,
      remedyOf(discovery.reason, client, proxyServer),
    );
  }
  const { length } = discovery.vms;
  if (length === 0) {
    return warn(
      `${client}: .query lists no VM`,
      "ALLOW_EMPTY=1 takes an empty answer for an OpenStack without VMs; a File Daemon without the plugin answers the same",
      `look whether ${proxyServer} has VMs and the plugin is loaded (status client=${client})`,
    );
  }
  if (discovery.looksLikePageLimit) {
    return warn(
      `${client}: .query lists exactly ${length} VMs`,
      "that is the page limit of many APIs: the list may be cut",
      "compare with openstack server list --all-projects",
    );
  }
  return ok(`${client}: .query lists ${length} VM${length === 1 ? "" : "s"}`);
}

function remedyOf(
  reason: Exclude<Discovery, { kind: "listed" }>["reason"],
  client: string,
  proxyServer: string,
): string {
  switch (reason) {
    case "ClientUnknown":
      return `add the Client resource ${client} to the Director and reload, or correct the line`;
    case "NotAuthorized":
      return `let the Console use .query (CommandACL) and ${client} (ClientACL)`;
    case "ClientUnreachable":
      return `start the File Daemon of ${client}; compare its address and password in the Director's Client resource`;
    case "PluginError":
    case "EmptyAnswer":
    case "UnreadableAnswer":
      return `look at the plugin on the proxy: is it loaded (status client=${client}), and is its proxy_server called ${proxyServer}`;
    case "TimedOut":
    case "AnswerTooLarge":
      return `look at the File Daemon of ${client}; raise BCONSOLE_TIMEOUT or BCONSOLE_MAX_BYTES where it is only slow or large`;
    case "DirectorUnreachable":
    case "DirectorConsolesLow":
    case "ConsoleFailed":
    case "AbsencesNotConfirmed":
      return "see section bconsole";
    default:
      return reason satisfies never;
  }
}
