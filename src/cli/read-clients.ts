import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { toClientPolicy } from "../api/effective.ts";
import type { ClientPolicy } from "../domain/client/client-policy.ts";
import { type ClientLine, parseClientsConf } from "../domain/client/clients-conf.ts";
import type { Settings } from "../settings/settings.ts";

/** A client of clients.conf. */
export interface ConfiguredClient {
  /** Where it stands, for messages: `/opt/bacula/etc/openstack/clients.conf line 7`. */
  readonly place: string;
  readonly line: ClientLine;
  /** With every default of the settings filled in. */
  readonly policy: ClientPolicy;
}

export type ReadClients =
  | { readonly kind: "ok"; readonly clients: readonly ConfiguredClient[] }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Reads CLIENTS_CONF into policies; an error of reading is a problem like a wrong line, since nothing can be done. */
export async function readClients(
  settings: Pick<Settings, "clientsConf" | "clientDefaults" | "isDryRun">,
): Promise<ReadClients> {
  const file = resolve(settings.clientsConf);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return {
      kind: "invalid",
      problems: [`CLIENTS_CONF ${file} cannot be read: ${words}. Set CLIENTS_CONF to its path`],
    };
  }
  const conf = parseClientsConf(text, file);
  if (conf.kind === "invalid") return conf;
  const clients = conf.lines.map((line) => ({
    place: `${file} line ${line.line}`,
    line,
    policy: toClientPolicy(line, settings),
  }));
  return { kind: "ok", clients };
}
