import { findProgram } from "../../bacula/find-program.ts";
import { directorConfPlaces, readDirectorConf } from "../../bacula/read-director-conf.ts";
import { readFileDaemonConfs } from "../../bacula/read-file-daemon-conf.ts";
import { type Check, fail, ok, skip, warn } from "../../domain/preflight/check.ts";
import { judgeBaseDir } from "../../domain/preflight/judge-base-dir.ts";
import { judgeDedup } from "../../domain/preflight/judge-dedup.ts";
import { judgeInclude } from "../../domain/preflight/judge-include.ts";
import { inspectBaseDir, isThere } from "../../volume/inspect-base-dir.ts";
import type { ConfiguredClient } from "../read-clients.ts";
import { programVersion } from "../version-command.ts";
import type { PreflightInput } from "./preflight-input.ts";

/** package.json's: older ones cannot read the program. */
const FIRST_NODE = 24;

/** Section "Binary". */
export async function checkBinary(env: PreflightInput["env"]): Promise<readonly Check[]> {
  const { node } = process.versions;
  const version = `bacula-openstack-sync ${await programVersion()} on Node ${node}`;
  const path = await findProgram("bacula-openstack-sync", env["PATH"] ?? "");
  return [
    Number.parseInt(node, 10) >= FIRST_NODE
      ? ok(version)
      : fail(version, `Node ${FIRST_NODE} or newer is needed`, "install it, or use the bundle's own"),
    path === undefined
      ? warn(
          "bacula-openstack-sync is not on PATH",
          `PATH is ${env["PATH"] ?? "unset"}`,
          "call it by its full path in run-openstack-sync.sh, or put it on PATH",
        )
      : ok(`on PATH as ${path}`),
  ];
}

/** Section "BASE_DIR". */
export async function checkBaseDir({ settings }: Pick<PreflightInput, "settings">): Promise<readonly Check[]> {
  return judgeBaseDir(await inspectBaseDir(settings.baseDir));
}

/** Section "Director include": how the Director reads what we publish. */
export async function checkInclude({
  settings,
  directorConf,
}: Pick<PreflightInput, "settings" | "directorConf">): Promise<readonly Check[]> {
  const { baseDir, directorBaseDir, director } = settings;
  const places = directorConfPlaces(directorConf, director.testCommand);
  const conf = await readDirectorConf(places, `${directorBaseDir}/include.conf`);
  if (conf.kind === "unread") {
    return [
      skip(`the Director's configuration cannot be read here (${conf.detail}); name it by --director-conf to check it`),
    ];
  }
  const hasIncludeFile = await isThere(`${baseDir}/include.conf`);
  return judgeInclude({ includes: conf.includes, directorBaseDir, hasIncludeFile });
}

/** Section "Deduplication". */
export async function checkDedup(
  { settings, fileDaemonConf }: PreflightInput,
  clients: readonly ConfiguredClient[],
): Promise<readonly Check[]> {
  const algorithms = [settings.clientDefaults.dedup, ...clients.map(({ policy }) => policy.dedup)];
  return judgeDedup(
    algorithms,
    await readFileDaemonConfs(fileDaemonConf),
    clients.map(({ policy }) => policy.client),
  );
}
