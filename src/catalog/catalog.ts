import { z } from "zod";
import type { ClientIdentity } from "../domain/client/client-policy.ts";
import type { Catalog, CatalogAnswer, Clock } from "../sync/ports.ts";
import { type BackupFacts, keepNames, mergeRuns, NO_FACTS } from "./backup-facts.ts";
import { readAllRuns, readRunsSince } from "./backups.ts";
import { isConnectionLost, judgeCatalogError } from "./catalog-error.ts";
import { readJobNames } from "./job-names.ts";
import { createPool, type PoolOptions, type Query, StepError } from "./pool.ts";
import { requireKnownSchema } from "./schema.ts";

export interface CatalogOptions extends Omit<PoolOptions, "connectTimeoutMs"> {
  readonly connectTimeoutMs?: number;
  readonly clock: Clock;
}

/** What was read of one client, and how far. */
interface Reading {
  readonly clientId: number;
  readonly facts: BackupFacts;
  readonly maxJobId: number;
  /** When it was last read in full: only that shows that runs were pruned. */
  readonly fullAtMs: number;
}

const FULL_EVERY_MS = 6 * 3600 * 1000;
/** Two runs that begin together may become visible in the other order than their JobIds. */
const JOB_ID_OVERLAP = 100;
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The Bacula catalog, read only (SELECT on Version, Client, Job, FileSet). One read of a client costs one small query
 * while nothing ran; else the runs since the last JobId and the list of names; every six hours everything.
 */
export function createCatalog(options: CatalogOptions): Catalog & { close(): Promise<void> } {
  const pool = createPool({ ...options, connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS });
  const where = `catalog "${options.database}" at ${options.host}:${options.port} as user "${options.user}"`;
  const readings = new Map<string, Reading>();

  async function read(client: ClientIdentity, query: Query): Promise<CatalogAnswer> {
    const head = await readHead(query, client.client);
    const key = `${client.client}\n${client.jobPrefix}`;
    if (head.clientId === null) {
      readings.delete(key); // Bacula makes the Client's row at its first use: nothing was ever backed up
      return { kind: "read", history: NO_FACTS.history, catalogNowMs: head.nowMs };
    }
    const scope = { clientId: head.clientId, jobPrefix: client.jobPrefix };
    const reading = await advance(readings.get(key), scope, head.maxJobId, query, options.clock.now());
    readings.set(key, reading);
    return { kind: "read", history: reading.facts.history, catalogNowMs: head.nowMs };
  }

  return {
    async history(client, signal) {
      try {
        return await withOneRetry(() => pool.use((query) => read(client, query), signal));
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        return { kind: "unknown", ...judgeCatalogError(error.cause, error.step, where) };
      }
    },
    close: () => pool.close(),
  };
}

async function advance(
  before: Reading | undefined,
  scope: { clientId: number; jobPrefix: string },
  maxJobId: number,
  query: Query,
  nowMs: number,
): Promise<Reading> {
  const { clientId } = scope;
  const isFull =
    before === undefined ||
    before.clientId !== clientId ||
    maxJobId < before.maxJobId ||
    nowMs - before.fullAtMs >= FULL_EVERY_MS ||
    nowMs < before.fullAtMs;
  if (isFull)
    return { clientId, facts: mergeRuns(NO_FACTS, await readAllRuns(query, scope)), maxJobId, fullAtMs: nowMs };
  const { facts } = before;
  if (maxJobId === before.maxJobId && facts.unfinished.size === 0) return before;
  const rows = await readRunsSince(query, scope, before.maxJobId - JOB_ID_OVERLAP, facts.unfinished);
  const merged = keepNames(mergeRuns(facts, rows), await readJobNames(query, scope));
  return { ...before, facts: merged, maxJobId };
}

const Head = z.object({
  version: z.int().nullable(),
  clientid: z.int().nullable(),
  maxjobid: z.int(),
  now: z.number(),
});

async function readHead(
  query: Query,
  client: string,
): Promise<{ clientId: number | null; maxJobId: number; nowMs: number }> {
  const [row] = await query(
    `SELECT (SELECT max(VersionId) FROM Version)::int AS version,
            (SELECT c.ClientId FROM Client c WHERE c.Name = $1::text)::int AS clientid,
            coalesce((SELECT max(JobId) FROM Job), 0)::int AS maxjobid,
            (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
    [client],
  );
  const { version, clientid, maxjobid, now } = Head.parse(row);
  requireKnownSchema(version);
  return { clientId: clientid, maxJobId: maxjobid, nowMs: now };
}

/** A connection of the pool may have died with the server since the last pass; a new one tells whether it is back. */
async function withOneRetry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const mayBeStale = error instanceof StepError && error.step === "query" && isConnectionLost(error.cause);
    if (!mayBeStale) throw error;
    return work();
  }
}
