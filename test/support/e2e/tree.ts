import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

const STATE = ".bacula-openstack-sync";

/** Every file below a folder with its bytes, by path; a file that goes meanwhile is left out. */
export async function readTree(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const texts = files.sort().map(async (file) => [relative(folder, file), await readIfThere(file)] as const);
  return new Map((await Promise.all(texts)).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])));
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** What the Director and people see of BASE_DIR: all but the state folder. */
export async function readBaseDir(baseDir: string): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await readTree(baseDir))].filter(([path]) => !path.startsWith(`${STATE}/`)));
}

/** Tells whether a file was written at all, even with the same bytes: inode, size and times of each, by path. */
export async function fileIdentities(baseDir: string): Promise<ReadonlyMap<string, string>> {
  const identities = new Map<string, string>();
  for (const path of (await readTree(baseDir)).keys()) {
    // Who holds the lock is written there at every pass.
    if (path === join(STATE, "lock")) continue;
    const { ino, size, mtimeMs, ctimeMs } = await stat(join(baseDir, path));
    identities.set(path, `${ino} ${size} ${mtimeMs} ${ctimeMs}`);
  }
  return identities;
}
