import { readFile } from "node:fs/promises";
import { findIncludes, type Include } from "../domain/preflight/find-includes.ts";
import type { PlacedInclude } from "../domain/preflight/judge-include.ts";

export type DirectorConf =
  | { readonly kind: "read"; readonly file: string; readonly includes: readonly PlacedInclude[] }
  | { readonly kind: "unread"; readonly detail: string };

const DEFAULT_PLACES = ["/opt/bacula/etc/bacula-dir.conf", "/etc/bacula/bacula-dir.conf"];
/** Bacula itself has no limit; a file that includes itself would be read for ever. */
const MOST_FILES = 200;

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

async function follow(first: string, firstText: string, without: string): Promise<readonly PlacedInclude[]> {
  const found: PlacedInclude[] = [];
  const waiting: { file: string; text: string }[] = [{ file: first, text: firstText }];
  for (let count = 0; count < MOST_FILES; count += 1) {
    const next = waiting.shift();
    if (next === undefined) break;
    const includes: readonly Include[] = findIncludes(next.text);
    found.push(...includes.map((include) => ({ file: next.file, include })));
    for (const include of includes) {
      if (include.kind !== "file" || include.path === without) continue;
      const text = await read(include.path);
      if (typeof text === "string") waiting.push({ file: include.path, text });
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
