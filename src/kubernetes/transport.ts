import type { Dispatcher } from "undici";
import type { ClusterAccess, PresentCredentials } from "./credentials/credentials.ts";
import { isKubeError, KubeApiError } from "./http/api-error.ts";
import type { ApiRequest, ApiStream, ApiTransport, Query, SeenRequest } from "./http/api-transport.ts";
import { ConnectionPools } from "./http/connection-pools.ts";
import { failedAnswer } from "./http/failed-answer.ts";
import { failedConnection } from "./http/failed-connection.ts";
import { splitLines } from "./http/split-lines.ts";
import { sleep } from "./time/sleep.ts";
import type { Timing } from "./time/timing.ts";
import { untilAborted } from "./time/until-aborted.ts";

export interface TransportOptions {
  readonly access: ClusterAccess;
  readonly timing: Timing;
  /** `name/version`, as the API server's audit log shows us. */
  readonly userAgent: string;
  /** Called for every attempt that ended; must not throw. */
  readonly onRequest?: ((seen: SeenRequest) => void) | undefined;
  /** Connections for all but watches, so also the most requests in flight. Default 32: more brings nothing. */
  readonly connections?: number | undefined;
}

/** Repeats after an answer that asks for one, and the longest wait that we accept for it. */
const mostRepeats = 5;
const longestRepeatDelayMs = 30_000;

/**
 * HTTP to one API server over kept connections; client-node's own transport opens a TLS connection per call.
 *
 * A request is repeated, a bounded number of times, when the server said that it did not do it and when to come back
 * (429, or 5xx with Retry-After); once when a kept connection turns out dead under a GET; and once after a 401, with
 * credentials read anew. All else is the caller's to judge. A stream is never repeated: whoever watches knows where to
 * go on.
 */
export class KubeTransport implements ApiTransport {
  readonly #options: TransportOptions;
  readonly #pools: ConnectionPools;
  readonly #origin: string;
  readonly #basePath: string;

  constructor(options: TransportOptions) {
    const server = new URL(options.access.server);
    this.#options = options;
    this.#pools = new ConnectionPools(options.connections ?? 32);
    this.#origin = server.origin;
    this.#basePath = server.pathname.replace(/\/+$/, "");
  }

  async request(request: ApiRequest): Promise<unknown> {
    const { timing, access } = this.#options;
    let mayRenew = true;
    let mayReconnect = request.method === "GET";
    for (let repeats = 0; ; ) {
      try {
        return await untilAborted(this.#attempt(request), request.signal);
      } catch (error) {
        request.signal.throwIfAborted();
        if (isKubeError(error, "Unauthorized") && mayRenew) {
          mayRenew = false;
          access.credentials.renew();
        } else if (isKubeError(error, "ConnectionLost") && mayReconnect) {
          mayReconnect = false;
        } else if (isWorthRepeating(error) && repeats < mostRepeats) {
          repeats += 1;
          const askedMs = error.retryAfterMs ?? 1000;
          await sleep(timing, askedMs * (1 + timing.random() / 4), request.signal);
        } else {
          throw error;
        }
      }
    }
  }

  async stream(stream: ApiStream): Promise<AsyncIterable<readonly Buffer[]>> {
    const what = `WATCH ${stream.path}`;
    const count = this.#stopwatch("WATCH", stream.path);
    try {
      const answer = await untilAborted(this.#send("watch", { method: "GET" }, stream), stream.signal);
      if (answer.statusCode !== 200) throw await this.#failure(what, answer);
      count("200");
      return readLines(what, answer.body, stream.signal);
    } catch (error) {
      const failure = asFailure(what, error, stream.signal);
      count(codeOf(failure));
      if (isKubeError(failure, "Unauthorized")) this.#options.access.credentials.renew();
      throw failure;
    }
  }

  /** Ends all connections; whatever still runs fails. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  async #attempt(request: ApiRequest): Promise<unknown> {
    const what = `${request.method} ${request.path}`;
    const count = this.#stopwatch(request.method, request.path);
    try {
      const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
      const answer = await this.#send("unary", { method: request.method, ...body }, request);
      if (answer.statusCode < 200 || answer.statusCode > 299) throw await this.#failure(what, answer);
      const text = await answer.body.text();
      const parsed = text === "" ? undefined : parseAnswer(what, answer.statusCode, text);
      count(String(answer.statusCode));
      return parsed;
    } catch (error) {
      const failure = asFailure(what, error, request.signal);
      count(codeOf(failure));
      throw failure;
    }
  }

  async #send(
    pool: "unary" | "watch",
    options: { readonly method: Dispatcher.HttpMethod; readonly body?: string },
    { path, query, signal, contentType }: ApiStream & { readonly contentType?: string | undefined },
  ): Promise<Dispatcher.ResponseData> {
    const { tls, headers } = await this.#credentials(path, signal);
    return this.#pools.pool(pool, tls).request({
      ...options,
      origin: this.#origin,
      path: this.#basePath + path + queryText(query),
      headers: {
        ...headers,
        accept: "application/json",
        "user-agent": this.#options.userAgent,
        ...(options.body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
      },
      signal,
    });
  }

  async #credentials(path: string, signal: AbortSignal): Promise<PresentCredentials> {
    try {
      return await this.#options.access.credentials.present(signal);
    } catch (error) {
      signal.throwIfAborted();
      const message = `${path}: no credentials: ${error instanceof Error ? error.message : String(error)}`;
      throw new KubeApiError({ code: "CredentialsFailed", httpStatus: 0, message, cause: error });
    }
  }

  async #failure(what: string, answer: Dispatcher.ResponseData): Promise<KubeApiError> {
    const text = await answer.body.text();
    const retryAfter = answer.headers["retry-after"];
    return failedAnswer({
      request: what,
      httpStatus: answer.statusCode,
      body: parseOrText(text),
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      nowMs: this.#options.timing.now(),
    });
  }

  #stopwatch(verb: SeenRequest["verb"], path: string): (code: string) => void {
    const { onRequest, timing } = this.#options;
    const startMs = timing.monotonicNow();
    return (code) => onRequest?.({ verb, code, path, durationMs: timing.monotonicNow() - startMs });
  }
}

function isWorthRepeating(error: unknown): error is KubeApiError {
  if (!(error instanceof KubeApiError) || error.httpStatus === 0) return false;
  if ((error.retryAfterMs ?? 0) > longestRepeatDelayMs) return false;
  return error.code === "TooManyRequests" || (error.httpStatus >= 500 && error.retryAfterMs !== undefined);
}

async function* readLines(what: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  try {
    yield* splitLines(body);
  } catch (error) {
    throw asFailure(what, error, signal);
  }
}

function asFailure(what: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return error instanceof KubeApiError ? error : failedConnection(what, error);
}

function codeOf(failure: unknown): string {
  if (!(failure instanceof KubeApiError)) return "Aborted";
  return failure.httpStatus === 0 ? failure.code : String(failure.httpStatus);
}

function queryText(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}

function parseAnswer(what: string, httpStatus: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `${what}: ${httpStatus}, but the answer is not JSON`;
    throw new KubeApiError({ code: "UnexpectedAnswer", httpStatus: 0, message, cause: error });
  }
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
