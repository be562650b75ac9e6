import type { Settings } from "../../settings/settings.ts";
import type { Ports } from "../../sync/ports.ts";
import type { ConfiguredClient } from "../read-clients.ts";

/** What the sections look with. */
export interface PreflightInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  readonly ports: Ports;
  /** Where the Director's configuration is; absent: where DIRECTOR_TEST_COMMAND or Bacula has it. */
  readonly directorConf?: string | undefined;
  /** Where a File Daemon's configuration is; absent: where Bacula has it. */
  readonly fileDaemonConf?: string | undefined;
  readonly signal: AbortSignal;
}

/** The lines of clients.conf, or why there are none. */
export type PreflightClients =
  | { readonly kind: "ok"; readonly clients: readonly ConfiguredClient[] }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };
