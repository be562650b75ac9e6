import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { Client, type ClientConfig, Pool, type PoolClient } from "pg";
import { type CatalogStep, NoPasswordError, QueryTimeoutError } from "./catalog-error.ts";
import { type Login, passwordFromFile } from "./pass-file.ts";

/** How the server's certificate is taken (DB_TLS 0, 1 or unverified). Without `caFile` the system's CAs count. */
export type CatalogTls =
  | { readonly kind: "off" }
  | { readonly kind: "verified"; readonly caFile?: string | undefined }
  | { readonly kind: "unverified" };

export interface PoolOptions extends Login {
  readonly password?: string | undefined;
  /** PGPASSFILE; asked only without a password. */
  readonly passFile?: string | undefined;
  readonly tls: CatalogTls;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

export interface CatalogPool {
  /**
   * Runs `work` on one connection. Rejects with a StepError that holds the cause, or with the signal's reason; the
   * connection is then thrown away, so that nothing half done is met again.
   */
  use<T>(work: (query: Query) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly unknown[]>;

/** Says in which step the cause came about. */
export class StepError extends Error {
  readonly code = "CatalogStepFailed";
  readonly step: CatalogStep;

  constructor(step: CatalogStep, cause: unknown) {
    super(`catalog: ${step} failed`, { cause });
    this.name = "StepError";
    this.step = step;
  }
}

const MAX_CONNECTIONS = 4;
const IDLE_MS = 60_000;
/** The server ends a statement by itself; beyond this the network is dead. */
const NETWORK_GRACE_MS = 5000;

export function createPool(options: PoolOptions): CatalogPool {
  let ca: string | undefined; // read again for each use, so that a rotated CA needs no restart
  class CatalogClient extends Client {
    constructor(config?: ClientConfig) {
      // The pool hides the password from enumeration, so a copy of its configuration has lost it.
      super({ ...config, password: () => passwordOf(options), ssl: sslOf(options.tls, ca) });
    }
  }
  const pool = new Pool({
    host: options.host,
    port: options.port,
    database: options.database,
    user: options.user,
    Client: CatalogClient,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: options.connectTimeoutMs,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    application_name: "bacula-openstack-sync",
  });
  // An idle connection that the server closes is an event, not a failure: the pool drops it and connects anew.
  pool.on("error", () => {});
  const prepared = new WeakSet<PoolClient>();

  async function connect(signal: AbortSignal): Promise<PoolClient> {
    if (options.tls.kind === "verified" && options.tls.caFile !== undefined)
      ca = await readFile(options.tls.caFile, "utf8");
    const connecting = pool.connect();
    try {
      return await orAborted(connecting, signal);
    } catch (error) {
      if (signal.aborted) void connecting.then((late) => late.release(true)).catch(() => {});
      throw error;
    }
  }

  return {
    async use(work, signal) {
      signal.throwIfAborted();
      const client = await connect(signal).catch((error: unknown) => {
        throw signal.aborted ? error : new StepError("connect", error);
      });
      const timeoutMs = options.statementTimeoutMs + NETWORK_GRACE_MS;
      const query: Query = async (text, values = []) => {
        const { rows } = await withTimeout(client.query<object>(text, [...values]), timeoutMs, signal);
        return rows;
      };
      try {
        if (!prepared.has(client)) {
          await query(sessionSettings(options.statementTimeoutMs));
          prepared.add(client);
        }
        const result = await work(query);
        client.release();
        return result;
      } catch (error) {
        client.release(true);
        throw signal.aborted ? error : new StepError("query", error);
      }
    },
    close: () => pool.end(),
  };
}

/**
 * The catalog is SQL_ASCII: names are bytes, and with any other client encoding the server refuses to send those that
 * are not valid in it. Set here and not at connecting, because pg always asks for UTF8 there.
 */
function sessionSettings(statementTimeoutMs: number): string {
  return `SELECT set_config('client_encoding', 'SQL_ASCII', false),
    set_config('default_transaction_read_only', 'on', false),
    set_config('statement_timeout', '${Math.trunc(statementTimeoutMs)}', false)`;
}

function sslOf(tls: CatalogTls, ca: string | undefined): false | ConnectionOptions {
  switch (tls.kind) {
    case "off":
      return false;
    case "verified":
      return ca === undefined ? { rejectUnauthorized: true } : { rejectUnauthorized: true, ca };
    case "unverified":
      return { rejectUnauthorized: false };
    default:
      return tls satisfies never;
  }
}

/** Asked only when the server wants a password. Never pg's own search: it would read the environment once more. */
async function passwordOf(options: PoolOptions): Promise<string> {
  const { password, passFile } = options;
  if (password !== undefined && password !== "") return password;
  if (passFile === undefined) throw new NoPasswordError("the server asks for a password; set PGPASSWORD or PGPASSFILE");
  const found = await passwordFromFile(passFile, options);
  if (found !== undefined) return found;
  throw new NoPasswordError(`PGPASSFILE ${passFile} has no line for this host, port, database and user`);
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(new QueryTimeoutError(timeoutMs)), timeoutMs);
  try {
    return await orAborted(work, AbortSignal.any([signal, timer.signal]));
  } finally {
    clearTimeout(timeout);
  }
}

/** `work`, or the signal's reason as soon as it aborts; what `work` comes to then is nobody's. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
