import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Logger } from "./logger.ts";

/** Named questions; all must be true. Asked on every request, so cheap, and not waited for. */
export type Checks = Readonly<Record<string, () => boolean>>;

export interface Rendered {
  readonly contentType: string;
  readonly text: string;
}

/** What a path answers. */
export type Endpoint =
  | { readonly kind: "checks"; readonly checks: Checks }
  | { readonly kind: "text"; readonly render: () => Promise<Rendered> };

export interface HealthServerOptions {
  /** Where it listens: without a host on all addresses; port 0 takes a free one. */
  readonly address: { readonly host?: string; readonly port: number };
  /** Such as `/livez`, `/readyz`, `/metrics`. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly log: Logger;
}

/**
 * Serves health and metrics over plain HTTP. A failed check is 503 with the names of what failed, which kubelet shows
 * in the pod's events. Answers nothing else, and holds no connection for long.
 */
export class HealthServer {
  readonly #server: Server;
  readonly #options: HealthServerOptions;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.requestTimeout = 10_000;
    this.#server.headersTimeout = 5_000;
    this.#server.maxConnections = 100;
  }

  /** Resolves with the port when it listens; rejects when it cannot. */
  listen(): Promise<number> {
    const { address } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ ...address }, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#options.log.error({ err: error }, "the health server failed"));
        const bound = this.#server.address();
        resolve(typeof bound === "object" && bound !== null ? bound.port : address.port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = ""] = (request.url ?? "").split("?");
    const endpoint = this.#options.endpoints[path];
    if (endpoint === undefined) {
      send(response, 404, "not found\n");
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      send(response.setHeader("allow", "GET, HEAD"), 405, "method not allowed\n");
    } else if (endpoint.kind === "checks") {
      const failed = failedChecks(endpoint.checks);
      if (failed.length === 0) send(response, 200, "ok\n");
      else send(response, 503, `${failed.map((name) => `${name} failed\n`).join("")}`);
    } else {
      endpoint.render().then(
        ({ contentType, text }) => send(response, 200, text, contentType),
        (error: unknown) => {
          this.#options.log.error({ err: error, path }, "an answer could not be rendered");
          send(response, 500, "failed\n");
        },
      );
    }
  }
}

/** A check that throws has failed. */
function failedChecks(checks: Checks): readonly string[] {
  return Object.entries(checks)
    .filter(([, check]) => {
      try {
        return !check();
      } catch {
        return true;
      }
    })
    .map(([name]) => name);
}

function send(response: ServerResponse, status: number, text: string, contentType = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { "content-type": contentType, "cache-control": "no-store" });
  response.end(text);
}
