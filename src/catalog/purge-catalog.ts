import { z } from "zod";
import type { PurgeAnswer, PurgeCatalog } from "../sync/purge/purge-ports.ts";
import { judgeCatalogError } from "./catalog-error.ts";
import { deleteLeftovers } from "./delete-leftovers.ts";
import { createPool, type PoolOptions, type Query, StepError } from "./pool.ts";
import { readVolumes, surveyJob } from "./purge-survey.ts";
import { requireKnownSchema } from "./schema.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const Version = z.object({ version: z.int().nullable() });

/**
 * The catalog with the right to delete rows: an own role (PURGE_DB_USER) where one is set, and own connections. They are
 * read only as all others are; only the one transaction that deletes says that it writes.
 */
export function createPurgeCatalog(
  options: Omit<PoolOptions, "connectTimeoutMs">,
): PurgeCatalog & { close(): Promise<void> } {
  const pool = createPool({ ...options, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const where = `catalog "${options.database}" at ${options.host}:${options.port} as user "${options.user}"`;

  async function ask<T>(work: (query: Query) => Promise<T>, signal: AbortSignal): Promise<PurgeAnswer<T>> {
    try {
      const value = await pool.use(async (query) => {
        const [row] = await query("SELECT max(VersionId)::int AS version FROM Version");
        requireKnownSchema(Version.parse(row).version);
        return work(query);
      }, signal);
      return { kind: "answered", value };
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      return { kind: "unknown", ...judgeCatalogError(error.cause, error.step, where) };
    }
  }

  return {
    survey: (client, jobName, signal) => ask((query) => surveyJob(query, client.client, jobName), signal),
    deleteLeftovers: (leftovers, signal) => ask((query) => deleteLeftovers(query, leftovers), signal),
    volumes: (mediaIds, signal) => ask((query) => readVolumes(query, mediaIds), signal),
    close: () => pool.close(),
  };
}
