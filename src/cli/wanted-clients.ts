import type { CommandContext } from "./command-context.ts";
import type { ConfiguredClient } from "./read-clients.ts";

export type WantedClients =
  | { readonly kind: "ok"; readonly clients: readonly ConfiguredClient[] }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** The clients that `--client` names, or all; a name that clients.conf does not have is one that was misspelt. */
export function wantedClients(
  { clients, settings }: Pick<CommandContext, "clients" | "settings">,
  names: readonly string[] | undefined,
): WantedClients {
  const present = clients.map(({ policy }) => policy.client);
  if (clients.length === 0)
    return {
      kind: "invalid",
      problems: [
        `CLIENTS_CONF ${settings.clientsConf} has no client. Add a line: datacenter openstack client proxy_server job_prefix [jobdefs]`,
      ],
    };
  if (names === undefined) return { kind: "ok", clients };
  const problems = names
    .filter((name) => !present.includes(name))
    .map((name) => `--client: clients.conf has no client ${JSON.stringify(name)}; it has: ${present.join(", ")}`);
  if (problems.length > 0) return { kind: "invalid", problems };
  return { kind: "ok", clients: clients.filter(({ policy }) => names.includes(policy.client)) };
}
