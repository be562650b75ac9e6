import { readFile } from "node:fs/promises";
import { findIncludes } from "../domain/preflight/find-includes.ts";
import type { PlacedInclude } from "../domain/preflight/judge-include.ts";

export type DirectorConf =
  | { readonly kind: "read"; readonly file: string; readonly includes: readonly PlacedInclude[] }
  | { readonly kind: "unread"; readonly detail: string };

const DEFAULT_PLACES = ["/opt/bacula/etc/bacula-dir.conf", "/etc/bacula/bacula-dir.conf"];
/** Where the Director's configuration may be: as it was told, else as DIRECTOR_TEST_COMMAND names it (`-c FILE`), else Bacula's own places. */
export function directorConfPlaces(
  told: string | undefined,
  testCommand: readonly string[] | undefined,
): readonly string[] {
  if (told !== undefined) return [told];
  const at = testCommand?.indexOf("-c") ?? -1;
  const named = at < 0 ? undefined : testCommand?.[at + 1];
  return named === undefined ? DEFAULT_PLACES : [named];
}

/**
 * Every include of the Director's configuration, of the included files too; what an include command prints is not read,
 * and `without`, our own include.conf, is not entered. The first of the places that can be read counts.
 */
export async function readDirectorConf(places: readonly string[], without: string): Promise<DirectorConf> {
  const troubles: string[] = [];
  for (const place of places) {
    const text = await read(place);
    if (typeof text === "string") return { kind: "read", file: place, includes: await follow(place, text, without) };
    troubles.push(`${place}: ${text.trouble}`);
  }
  return { kind: "unread", detail: troubles.join("; ") };
}

/** Each file once: one that includes itself would be read for ever. */
async function follow(first: string, firstText: string, without: string): Promise<readonly PlacedInclude[]> {
  const found: PlacedInclude[] = [];
  const entered = new Set([first, without]);
  const waiting = [{ file: first, text: firstText }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { file, text } = next;
    for (const include of findIncludes(text)) {
      found.push({ file, include });
      if (include.kind !== "file" || entered.has(include.path)) continue;
      entered.add(include.path);
      const included = await read(include.path);
      if (typeof included === "string") waiting.push({ file: include.path, text: included });
    }
  }
  return found;
}

async function read(path: string): Promise<string | { readonly trouble: string }> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    return { trouble: error instanceof Error && "code" in error ? String(error.code) : String(error) };
  }
}
