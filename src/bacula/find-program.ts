import { access, constants, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";

/**
 * The absolute path of an executable file: the name itself when it has a slash, else the first match on `searchPath`
 * (in the form of PATH). `undefined`: there is none that this process may run.
 */
export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  const candidates = name.includes("/")
    ? [resolve(name)]
    : searchPath.split(delimiter).flatMap((folder) => (folder === "" ? [] : [join(resolve(folder), name)]));
  for (const candidate of candidates) {
    if (await isExecutableFile(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
