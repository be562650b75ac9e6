import type { BaculaBed } from "./bacula-bed.ts";

/** How the program under test reaches a bed's Director, catalog and volume; the restricted console. */
export function baculaSettings(bacula: BaculaBed): Readonly<Record<string, string>> {
  return {
    BASE_DIR: bacula.baseDir,
    BCONSOLE: bacula.bconsolePath,
    B_CONSOLE_CONF: bacula.restrictedBconsoleConf,
    DB_HOST: bacula.catalog.host,
    DB_PORT: String(bacula.catalog.port),
    DB_NAME: bacula.catalog.database,
    DB_USER: bacula.catalog.user,
    PGPASSWORD: bacula.catalog.password,
    // Community Bacula does not know sha256.
    DEDUP_ALGO: "none",
  };
}
