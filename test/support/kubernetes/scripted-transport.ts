import type { ApiRequest, ApiStream, ApiTransport } from "../../../src/kubernetes/http/api-transport.ts";

/** A watch in a test: what is pushed comes out of it, until it is closed or broken. */
export class ScriptedWatch {
  readonly query: URLSearchParams;
  readonly #signal: AbortSignal;
  readonly #batches: (readonly Buffer[])[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(stream: ApiStream) {
    this.query = queryOf(stream);
    this.#signal = stream.signal;
    stream.signal.addEventListener("abort", () => this.break(stream.signal.reason), { once: true });
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  send(...events: readonly unknown[]): void {
    this.sendLines(...events.map((event) => JSON.stringify(event)));
  }

  sendLines(...lines: readonly string[]): void {
    this.#batches.push(lines.map((line) => Buffer.from(line)));
    this.#wake();
  }

  close(): void {
    this.#end ??= {};
    this.#wake();
  }

  break(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *lines(): AsyncGenerator<readonly Buffer[]> {
    try {
      for (;;) {
        if (this.#signal.aborted) throw this.#signal.reason;
        const batch = this.#batches.shift();
        if (batch !== undefined) {
          yield batch;
        } else if (this.#end !== undefined) {
          if ("error" in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#end ??= {};
    }
  }
}

type Answer = (request: ApiRequest) => unknown;

/** An API server of a test's own making: each request is answered by a function, each watch is in the test's hands. */
export class ScriptedTransport implements ApiTransport {
  readonly requests: ApiRequest[] = [];
  readonly watches: ScriptedWatch[] = [];
  /** What the next watches are refused with, in order. */
  readonly refusals: unknown[] = [];
  answer: Answer;

  constructor(answer: Answer = () => ({})) {
    this.answer = answer;
  }

  async request(request: ApiRequest): Promise<unknown> {
    request.signal.throwIfAborted();
    this.requests.push(request);
    return this.answer(request);
  }

  async stream(stream: ApiStream): Promise<AsyncIterable<readonly Buffer[]>> {
    stream.signal.throwIfAborted();
    if (this.refusals.length > 0) throw this.refusals.shift();
    const watch = new ScriptedWatch(stream);
    this.watches.push(watch);
    return watch.lines();
  }

  /** The watch that was opened last. */
  get watch(): ScriptedWatch {
    const last = this.watches.at(-1);
    if (last === undefined) throw new Error("no watch was opened");
    return last;
  }
}

export function queryOf({ query = {} }: Pick<ApiRequest, "query">): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters;
}
