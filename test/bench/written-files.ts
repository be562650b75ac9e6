import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Identity of every file below BASE_DIR by path: a file that was written, even with the same bytes, has another one. */
export function fileIdentities(baseDir: string): ReadonlyMap<string, string> {
  const identities = new Map<string, string>();
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        look(path);
        continue;
      }
      const { ino, size, ctimeMs } = lstatSync(path);
      identities.set(path, `${ino} ${size} ${ctimeMs}`);
    }
  };
  look(baseDir);
  return identities;
}

/** Paths that were written, made or removed between two looks. */
export function writtenBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const gone = [...before.keys()].filter((path) => !after.has(path));
  return [...gone, ...[...after].filter(([path, identity]) => before.get(path) !== identity).map(([path]) => path)];
}
