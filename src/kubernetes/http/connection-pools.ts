import { Agent } from "undici";
import type { TlsMaterial } from "../credentials/credentials.ts";

const headersTimeoutMs = 30_000;
const bodyTimeoutMs = 60_000;
const connectTimeoutMs = 10_000;
/** Shorter than the API server's own (90 s) and than what load balancers forget in silence. */
const idleConnectionMs = 30_000;
/** A page of 500 objects of etcd's largest size would be more; ours are a hundredth of this. */
const longestAnswerBytes = 256 * 1024 * 1024;

interface Pools {
  readonly tls: TlsMaterial;
  readonly unary: Agent;
  readonly watch: Agent;
}

/**
 * The kept connections to one API server: one pool for requests and one for watches, so that no number of watches
 * takes a request's place. HTTP/1.1 only: one lost HTTP/2 connection would end everything at once.
 */
export class ConnectionPools {
  readonly #connections: number;
  readonly #retired = new Set<Pools>();
  #pools: Pools | undefined;

  constructor(connections: number) {
    this.#connections = connections;
  }

  /** The pool to use with these certificates; other ones than before get new connections. */
  pool(kind: "unary" | "watch", tls: TlsMaterial): Agent {
    if (this.#pools?.tls !== tls) {
      const old = this.#pools;
      this.#pools = this.#open(tls);
      if (old !== undefined) this.#retire(old);
    }
    return this.#pools[kind];
  }

  /** Ends all connections; whatever still runs fails. */
  async close(): Promise<void> {
    const all = this.#pools === undefined ? [...this.#retired] : [...this.#retired, this.#pools];
    this.#retired.clear();
    this.#pools = undefined;
    await Promise.all(all.flatMap(({ unary, watch }) => [unary.destroy(), watch.destroy()]));
  }

  #open(tls: TlsMaterial): Pools {
    const connect = {
      timeout: connectTimeoutMs,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
      ...(tls.skipVerify === true ? { rejectUnauthorized: false } : {}),
    };
    const shared = { allowH2: false, connect, headersTimeout: headersTimeoutMs, keepAliveTimeout: idleConnectionMs };
    return {
      tls,
      unary: new Agent({
        ...shared,
        connections: this.#connections,
        bodyTimeout: bodyTimeoutMs,
        maxResponseSize: longestAnswerBytes,
      }),
      // How long a watch may be silent is the watcher's to judge.
      watch: new Agent({ ...shared, bodyTimeout: 0 }),
    };
  }

  /** What still runs on the old connections may end there; a watch does so within its ten minutes. */
  #retire(pools: Pools): void {
    this.#retired.add(pools);
    const forget = (): void => {
      this.#retired.delete(pools);
    };
    Promise.all([pools.unary.close(), pools.watch.close()]).then(forget, forget);
  }
}
