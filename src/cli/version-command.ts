import { readFile } from "node:fs/promises";
import { z } from "zod";
import { API_VERSION } from "../api/group.ts";
import { KNOWN_SCHEMA_VERSIONS } from "../catalog/schema.ts";

const packageFile = z.object({ version: z.string() });

/** The version of the program, from its package.json. */
export async function programVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return packageFile.parse(JSON.parse(text)).version;
}

/** One line for people and bug reports. */
export async function versionText(): Promise<string> {
  const schemas = `${KNOWN_SCHEMA_VERSIONS[0]} to ${KNOWN_SCHEMA_VERSIONS.at(-1)}`;
  return `bacula-openstack-sync ${await programVersion()} (API ${API_VERSION}, catalog schemas ${schemas}, Node ${process.versions.node})\n`;
}
