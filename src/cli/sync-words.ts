import type { ConfiguredClient } from "./read-clients.ts";
import type { SyncWords } from "./sync-clients.ts";

/** The options of `sync` as they were typed. */
export interface SyncOptions {
  readonly applyPolicy?: boolean | undefined;
  /** Each `<client>=<token>`. */
  readonly approveRemoval?: readonly string[] | undefined;
  /** Clients; `true`: all. */
  readonly takeOver?: readonly string[] | true | undefined;
}

export type ReadWords =
  | { readonly kind: "ok"; readonly words: SyncWords }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

const TOKEN = /^[0-9]+-[0-9a-f]+$/u;

/** Checks what a person allows against the clients that there are: a word for nobody would be one that was misspelt. */
export function readWords(options: SyncOptions, clients: readonly ConfiguredClient[]): ReadWords {
  const names = clients.map(({ policy }) => policy.client);
  const problems: string[] = [];
  const requireClient = (option: string, client: string) => {
    if (!names.includes(client))
      problems.push(`${option}: clients.conf has no client ${JSON.stringify(client)}; it has: ${names.join(", ")}`);
  };
  const approvals = new Map<string, string>();
  for (const word of options.approveRemoval ?? []) {
    const at = word.lastIndexOf("=");
    const [client, token] = [word.slice(0, Math.max(at, 0)), word.slice(at + 1)];
    if (client === "" || !TOKEN.test(token))
      problems.push(
        `--approve-removal is ${JSON.stringify(word)}: it must be <client>=<token>, such as bacula-dc1-os1-fd=30-1a2b3c4d, with the token that the last sync printed`,
      );
    else requireClient("--approve-removal", client);
    approvals.set(client, token);
  }
  const takeOvers = options.takeOver === true ? names : (options.takeOver ?? []);
  for (const client of takeOvers) requireClient("--take-over", client);
  if (problems.length > 0) return { kind: "invalid", problems };
  const appliesPolicy = options.applyPolicy === true;
  return { kind: "ok", words: { approvals, takeOvers: new Set(takeOvers), appliesPolicy } };
}
