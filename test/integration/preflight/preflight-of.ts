import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { baculaSettings } from "../../../hack/testbed/bacula-settings.ts";
import { openPorts } from "../../../src/cli/ports-of.ts";
import { runPreflight } from "../../../src/cli/preflight/run-preflight.ts";
import { readClients } from "../../../src/cli/read-clients.ts";
import type { Check, Section } from "../../../src/domain/preflight/check.ts";
import { parseSettings } from "../../../src/settings/settings.ts";

const CHECKOUT = join(import.meta.dirname, "../../..");

/** A clients.conf in the bed's folder; answers its path. */
export async function clientsConf(bed: BaculaBed, name: string, ...lines: readonly string[]): Promise<string> {
  const file = join(bed.dir, name);
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

/** The environment of a sound installation on the bed; the catalog's reader is user `reader`, password `readerpw`. */
export function soundEnvironment(bed: BaculaBed, clients: string): Record<string, string> {
  return {
    ...baculaSettings(bed),
    PATH: `${join(CHECKOUT, "bin")}:${join(CHECKOUT, "node_modules/.bin")}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: bed.dir,
    CLIENTS_CONF: clients,
    DB_USER: "reader",
    PGPASSWORD: "readerpw",
    RELOAD_AFTER_SYNC: "1",
    DIRECTOR_TEST_COMMAND: bed.directorTestCommand,
  };
}

export type Checks = ReadonlyMap<Section, readonly Check[]>;

/** What `preflight` finds with that environment, by section. */
export async function preflightOf(env: Readonly<Record<string, string>>, fileDaemonConf?: string): Promise<Checks> {
  const parsed = parseSettings(env, "command line");
  if (parsed.kind === "invalid") throw new Error(parsed.problems.join("\n"));
  const open = openPorts(parsed.settings, { now: Date.now }, "read");
  try {
    const signal = new AbortController().signal;
    const input = { env, settings: parsed.settings, ports: open.ports, fileDaemonConf, signal };
    const found = new Map<Section, readonly Check[]>();
    for await (const { section, checks } of runPreflight(input, await readClients(parsed.settings)))
      found.set(section, checks);
    return found;
  } finally {
    await open.close();
  }
}

/** The checks of one section that are WARN or FAIL. */
export function troubleIn(checks: Checks, section: Section): readonly Check[] {
  return (checks.get(section) ?? []).filter(({ level }) => level === "WARN" || level === "FAIL");
}

/** Every section that has a WARN or FAIL. */
export function troubledSections(checks: Checks): readonly Section[] {
  return [...checks.keys()].filter((section) => troubleIn(checks, section).length > 0);
}
