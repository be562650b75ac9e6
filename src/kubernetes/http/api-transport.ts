export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As the API server knows it, already encoded: `/api/v1/namespaces/default/configmaps`. */
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the body; a PATCH must name its kind. */
  readonly contentType?: string | undefined;
  readonly signal: AbortSignal;
}

export interface ApiStream {
  readonly path: string;
  readonly query?: Query | undefined;
  readonly signal: AbortSignal;
}

/** HTTP to one API server, as the rest of this runtime needs it. Failures are `KubeApiError`, or the signal's reason. */
export interface ApiTransport {
  /** The answer's JSON, not yet looked at; `undefined` for an empty one. */
  request(request: ApiRequest): Promise<unknown>;
  /**
   * Opens a stream of lines, each one JSON document, given together as they arrive. Rejects when it cannot be opened;
   * what breaks it later is thrown while iterating.
   */
  stream(stream: ApiStream): Promise<AsyncIterable<readonly Buffer[]>>;
}

/** One attempt that ended, for counters. `code` is the HTTP status, or the code of the error when there was none. */
export interface SeenRequest {
  readonly verb: ApiRequest["method"] | "WATCH";
  readonly code: string;
  readonly durationMs: number;
  /** Without the query. */
  readonly path: string;
}
