import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import type { OpenStackTrouble } from "../domain/preflight/judge-open-stack.ts";
import type { OpenStackAccess } from "./access.ts";

export interface HttpAnswer {
  readonly status: number;
  /** Of `X-Subject-Token`, where Keystone puts a new token. */
  readonly subjectToken?: string | undefined;
  /** Parsed JSON; undefined: the body is something else. */
  readonly body: unknown;
}

export interface HttpCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** No whole answer came. `trouble` names host and error, never a header or a body. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly code = "OpenStackNoAnswer";
  readonly trouble: OpenStackTrouble;

  constructor(trouble: OpenStackTrouble, cause: unknown) {
    super(trouble.detail, { cause });
    this.trouble = trouble;
  }
}

const TIMEOUT_MS = 20_000;
/** The service catalog of a large cloud is some hundred kilobytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Calls with the TLS settings of one access; a redirect is not followed: a token would go along. */
export class OpenStackHttp {
  readonly #agent: Agent;

  private constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Rejects with NoAnswerError when the CA file cannot be read. */
  static async open({ tls }: OpenStackAccess): Promise<OpenStackHttp> {
    const { verify, caFile } = tls;
    try {
      const ca = caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") };
      const connect = { timeout: TIMEOUT_MS, rejectUnauthorized: verify, ...ca };
      return new OpenStackHttp(new Agent({ connect, maxResponseSize: MAX_BYTES, allowH2: false }));
    } catch (error) {
      throw new NoAnswerError({ reason: "TlsFailed", detail: `the CA file ${caFile}: ${wordsOf(error)}` }, error);
    }
  }

  async call({ method, url, headers, body }: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      const answer = await request(url, {
        dispatcher: this.#agent,
        method,
        headers: { Accept: "application/json", "Content-Type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        signal,
      });
      const { "x-subject-token": token } = answer.headers;
      const text = await answer.body.text();
      return {
        status: answer.statusCode,
        subjectToken: typeof token === "string" ? token : undefined,
        body: json(text),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw new NoAnswerError(troubleOf(error, new URL(url).origin), error);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Codes of OpenSSL and Node for a certificate that was not believed, and for a server that speaks no TLS. */
const TLS_CODES = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_|EPROTO)/u;

function troubleOf(error: unknown, origin: string): OpenStackTrouble {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const reason = TLS_CODES.test(code) ? "TlsFailed" : "Unreachable";
  return { reason, detail: `${origin}: ${wordsOf(error)}` };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return error.message === "" ? code : error.message;
}
