import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createVolume } from "../../../src/volume/volume.ts";
import { DIRECTOR_BASE_DIR, type ModelDisk } from "./model-disk.ts";

const STATE = ".bacula-openstack-sync";

/** The real volume, in a folder of its own. */
export function createFolderDisk(): ModelDisk {
  const folder = mkdtempSync(join(tmpdir(), "model-"));
  const baseDir = join(folder, "base");
  const away = join(folder, "away");
  mkdirSync(baseDir);
  let nextId = 0;
  return {
    files() {
      const paths = readdirSync(baseDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(baseDir.length + 1))
        .filter((path) => !path.startsWith(STATE));
      return new Map(paths.sort().map((path) => [path, readFileSync(join(baseDir, path), "utf8")]));
    },
    write(path, text) {
      mkdirSync(dirname(join(baseDir, path)), { recursive: true });
      writeFileSync(join(baseDir, path), text);
    },
    remove: (path) => rmSync(join(baseDir, path), { recursive: true, force: true }),
    loseState: () => rmSync(join(baseDir, STATE), { recursive: true, force: true }),
    unmount() {
      renameSync(baseDir, away);
      mkdirSync(baseDir);
    },
    mount() {
      rmSync(baseDir, { recursive: true });
      renameSync(away, baseDir);
    },
    owesReload: () => existsSync(join(baseDir, STATE, "swap/owed.json")),
    openVolume: (clock) =>
      createVolume({
        baseDir,
        directorBaseDir: DIRECTOR_BASE_DIR,
        timeZone: "UTC",
        lockWaitMs: 5_000,
        clock,
        newId: () => `id-${nextId++}`,
      }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
