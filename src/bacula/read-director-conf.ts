import { readFile } from "node:fs/promises";
import { findIncludes } from "../domain/preflight/find-includes.ts";
import type { PlacedInclude } from "../domain/preflight/judge-include.ts";

export type DirectorConf =
  | {
      readonly kind: "read";
      readonly includes: readonly PlacedInclude[];
      /** The file itself and those that it includes. */
      readonly files: readonly { readonly file: string; readonly text: string }[];
    }
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
    if (typeof text === "string") return follow({ file: place, text }, without);
    troubles.push(`${place}: ${text.trouble}`);
  }
  return { kind: "unread", detail: troubles.join("; ") };
}

/** Each file once: one that includes itself would be read for ever. */
async function follow(
  first: { readonly file: string; readonly text: string },
  without: string,
): Promise<Extract<DirectorConf, { kind: "read" }>> {
  const includes: PlacedInclude[] = [];
  const files = [first];
  const entered = new Set([first.file, without]);
  // The list grows while it is gone through.
  for (const { file, text } of files) {
    for (const include of findIncludes(text)) {
      includes.push({ file, include });
      if (include.kind !== "file" || entered.has(include.path)) continue;
      entered.add(include.path);
      const included = await read(include.path);
      if (typeof included === "string") files.push({ file: include.path, text: included });
    }
  }
  return { kind: "read", includes, files };
}

async function read(path: string): Promise<string | { readonly trouble: string }> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    return { trouble: error instanceof Error && "code" in error ? String(error.code) : String(error) };
  }
}
