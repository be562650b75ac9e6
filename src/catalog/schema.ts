import { WrongSchemaError } from "./catalog-error.ts";

/**
 * Versions of Bacula's PostgreSQL schema that were checked: table Job has the columns we read, with the same meaning,
 * in all of them (update_postgresql_tables; 16 is Bacula 9, 1021 Bacula 11, 1024 Bacula 13, 1026 Bacula 15).
 */
export const KNOWN_SCHEMA_VERSIONS: readonly number[] = [
  16, 1016, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 1025, 1026,
];

/** Throws when the catalog's version is none we know: reading it may mean something else there. */
export function requireKnownSchema(version: number | null): void {
  if (version !== null && KNOWN_SCHEMA_VERSIONS.includes(version)) return;
  const found = version === null ? "has no version" : `has version ${version}`;
  throw new WrongSchemaError(
    `Bacula's schema ${found}; known are ${KNOWN_SCHEMA_VERSIONS.join(", ")}. Use a release that knows it`,
  );
}
