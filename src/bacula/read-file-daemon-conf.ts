import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { type FileDaemonFacts, type IndexDirectory, indexDirectoryIn } from "../domain/preflight/judge-dedup.ts";

const PLACES = ["/opt/bacula/etc/bacula-fd.conf", "/etc/bacula/bacula-fd.conf"];

/** The File Daemons of this machine, by their configuration: `told`, or Bacula's own places. Most Directors have none. */
export async function readFileDaemonConfs(told: string | undefined): Promise<readonly FileDaemonFacts[]> {
  const found: FileDaemonFacts[] = [];
  for (const file of told === undefined ? PLACES : [told]) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const path = indexDirectoryIn(text);
    found.push({ file, indexDirectory: path === undefined ? undefined : await folderAt(path) });
  }
  return found;
}

async function folderAt(path: string): Promise<IndexDirectory> {
  const { uid, gid, mode } = (await stat(path).catch(() => undefined)) ?? {};
  if (uid === undefined || gid === undefined || mode === undefined) return { path };
  const [owner, group] = await Promise.all([nameOf("passwd", uid), nameOf("group", gid)]);
  return { path, folder: { owner, group, mode: mode & 0o777 } };
}

const run = promisify(execFile);

/** The number where the system knows no name. */
async function nameOf(database: "passwd" | "group", id: number): Promise<string> {
  const { stdout } = await run("getent", [database, String(id)]).catch(() => ({ stdout: "" }));
  return stdout.split(":")[0] || String(id);
}
