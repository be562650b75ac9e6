import { randomUUID } from "node:crypto";
import { createDirector } from "../bacula/director.ts";
import { type CatalogOptions, createCatalog } from "../catalog/catalog.ts";
import type { Settings } from "../settings/settings.ts";
import type { Clock, Ports } from "../sync/ports.ts";
import { createReadOnlyVolume } from "../volume/read-only-volume.ts";
import { createVolume } from "../volume/volume.ts";

/** A full read of a million Job rows takes a second; one that takes this long will not end in time for its pass. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** bacula-dir gives up on a catalog that is away after 30 s, and an include by `find` takes as long at 5,000 VMs. */
const TEST_TIMEOUT_MS = 120_000;

export interface OpenPorts {
  readonly ports: Ports;
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
  return { ports, close: () => openCatalog.close() };
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
