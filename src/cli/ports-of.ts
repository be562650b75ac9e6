import { randomUUID } from "node:crypto";
import { createDirector } from "../bacula/director.ts";
import { createPurgeDirector } from "../bacula/purge-director.ts";
import { type CatalogOptions, createCatalog } from "../catalog/catalog.ts";
import { createPurgeCatalog } from "../catalog/purge-catalog.ts";
import type { Settings } from "../settings/settings.ts";
import type { PurgeMeans } from "../sync/batch-context.ts";
import type { Clock, Ports } from "../sync/ports.ts";
import { createReadOnlyVolume } from "../volume/read-only-volume.ts";
import { createVolume } from "../volume/volume.ts";

/** A full read of a million Job rows takes a second; one that takes this long will not end in time for its pass. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** Rows of one VM's runs, of which a File row for each saved file may be left. */
const PURGE_STATEMENT_TIMEOUT_MS = 300_000;
/** bacula-dir gives up on a catalog that is away after 30 s, and an include by `find` takes as long at 5,000 VMs. */
const TEST_TIMEOUT_MS = 120_000;

export interface OpenPorts {
  readonly ports: Ports;
  /** What may delete; with a Console and a role of its own where the settings name them. */
  readonly purges: PurgeMeans;
  /** Closes what holds connections; to be called once, at the end. */
  close(): Promise<void>;
}

/** `read`: BASE_DIR is only looked at; nothing of it is written, and its lock is not taken. */
export type VolumeAccess = "read" | "write";

/** Connects the core to the real world as the settings say. Nothing is contacted yet. */
export function openPorts(
  settings: Settings,
  clock: Clock,
  access: VolumeAccess,
  onLockWait?: (holder: string) => void,
): OpenPorts {
  const { bconsole, catalog, director } = settings;
  const openCatalog = createCatalog({ ...catalogConnection(catalog), clock });
  const volume = {
    baseDir: settings.baseDir,
    directorBaseDir: settings.directorBaseDir,
    timeZone: settings.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    clock,
    newId: randomUUID,
  };
  const ports: Ports = {
    clock,
    director: createDirector({
      bconsolePath: bconsole.program,
      bconsoleConf: bconsole.configFile,
      timeoutMs: bconsole.timeoutMs,
      maxBytes: bconsole.maxAnswerBytes,
      test:
        director.testCommand === undefined ? undefined : { command: director.testCommand, timeoutMs: TEST_TIMEOUT_MS },
      logFile: director.logFile,
      clock,
    }),
    catalog: openCatalog,
    volume:
      access === "read"
        ? createReadOnlyVolume(volume)
        : createVolume({ ...volume, lockWaitMs: settings.lockWaitMs, onLockWait }),
  };
  const purgeCatalog = createPurgeCatalog({
    ...catalogConnection(catalog),
    user: catalog.purgeUser ?? catalog.user,
    password: (catalog.purgePassword ?? catalog.password)?.reveal(),
    statementTimeoutMs: PURGE_STATEMENT_TIMEOUT_MS,
  });
  const purgeDirector = createPurgeDirector({
    bconsolePath: bconsole.program,
    bconsoleConf: bconsole.purgeConfigFile ?? bconsole.configFile,
    // Bacula answers `delete jobid=` when the File rows are gone, which takes minutes for large runs.
    timeoutMs: Math.max(bconsole.timeoutMs, PURGE_STATEMENT_TIMEOUT_MS),
    maxBytes: bconsole.maxAnswerBytes,
  });
  const purges: PurgeMeans = {
    ports: { director: purgeDirector, catalog: purgeCatalog },
    perPass: settings.limits.purgesPerPass,
    volumes: settings.limits.purgedVolumes,
  };
  const close = async () => {
    await Promise.all([openCatalog.close(), purgeCatalog.close()]);
  };
  return { ports, purges, close };
}

/** How the settings say that the catalog is reached, by the user who reads. */
export function catalogConnection(catalog: Settings["catalog"]): Omit<CatalogOptions, "clock"> {
  return {
    host: catalog.host,
    port: catalog.port,
    database: catalog.database,
    user: catalog.user,
    password: catalog.password?.reveal(),
    passFile: catalog.passwordFile,
    tls: catalog.tls === "verified" ? { kind: "verified", caFile: catalog.tlsCaFile } : { kind: catalog.tls },
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  };
}
