import { SETTINGS } from "../settings/variables.ts";

/** The options of `sync`, as commander reads them and as people do. */
export const SYNC_OPTIONS = [
  {
    flags: "--apply-policy",
    description: "edit directives of job files that a person changed, too, so that every job says what policy says",
  },
  {
    flags: "--approve-removal <client=token...>",
    description: "let the VMs that the last sync held go their way; it printed the token",
  },
  {
    flags: "--take-over [client...]",
    description: "this policy counts from now on, whatever another front end applied before; all clients without names",
  },
] as const;

export const SYNC_EXAMPLES = [
  { command: "DRYRUN=1 bacula-openstack-sync sync", what: "show what would be done" },
  { command: "RELOAD_AFTER_SYNC=1 bacula-openstack-sync sync", what: "do it, and have the Director read it" },
  {
    command: "bacula-openstack-sync sync --approve-removal bacula-dc1-os1-fd=30-1a2b3c4d",
    what: "30 VMs are really gone",
  },
  { command: "bacula-openstack-sync sync --output json | jq '.clients[].counts'", what: "numbers for a dashboard" },
] as const;

const CHANGES = `One pass over every client of clients.conf: VMs are listed by Bacula's plugin, new ones get a Job and a FileSet,
absent ones their missing-since and after GRACE_DAYS a disabled job, those that are back an enabled one. It writes
below BASE_DIR only, reads the catalog, and reloads the Director only with RELOAD_AFTER_SYNC=1. Nothing is deleted.
With DRYRUN=1 nothing is written at all.

Standard output has one line for each action and a summary of each client, standard error what is wrong and what
to do. One client's trouble does not stop the others.`;

const EXIT_CODES = `Exit codes:
  0  all is well
  1  something failed, is held or was refused; everything else was done
  2  wrong settings, options or clients.conf; nothing was done
  4  another writer held the lock of BASE_DIR for longer than LOCK_WAIT`;

const WIDTH = 100;

/** What `sync --help` says beside its usage and options. */
export function syncHelp(): string {
  const variables = SETTINGS.filter(({ frontEnd }) => frontEnd !== "operator").flatMap(
    ({ variable, alias, shownDefault, description }) => [
      `  ${variable}${alias === undefined ? "" : ` (${alias})`}  [${shownDefault === "" ? "empty" : shownDefault}]`,
      ...wrapped(description, "      "),
    ],
  );
  const examples = SYNC_EXAMPLES.map(({ command, what }) => `  ${command}\n      ${what}`);
  return `
${CHANGES}

${EXIT_CODES}

Examples:
${examples.join("\n")}

Environment variables, with their defaults (docs/command-line.md says what is allowed):
${variables.join("\n")}
`;
}

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length > WIDTH && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
