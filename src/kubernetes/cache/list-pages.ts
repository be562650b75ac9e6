import { z } from "zod";
import { isKubeError, KubeApiError } from "../http/api-error.ts";
import type { ApiTransport, Query } from "../http/api-transport.ts";

/** client-go's own size: large enough to be few requests, small enough to be parsed without a noticeable pause. */
const pageSize = 500;
/** A chain whose continue token expires this often belongs to a server that compacts faster than we read. */
const mostRestarts = 3;

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});

export type ListStep =
  /** A chain of pages begins, all of one version; what an earlier chain gave is not complete. */
  | { readonly kind: "begin"; readonly resourceVersion: string }
  | { readonly kind: "items"; readonly items: readonly unknown[] }
  | { readonly kind: "end"; readonly resourceVersion: string };

/**
 * Lists a collection in pages, as of now: no resource version is sent, because with one the API server would either
 * ignore the limit (`0`) or not use its cache (any other). An expired continue token begins the chain anew.
 */
export async function* listPages(
  transport: ApiTransport,
  collection: { readonly path: string; readonly query: Query },
  signal: AbortSignal,
): AsyncGenerator<ListStep> {
  for (let restarts = 0; ; restarts++) {
    try {
      yield* oneChain(transport, collection, signal);
      return;
    } catch (error) {
      if (!isKubeError(error, "Expired") || restarts === mostRestarts) throw error;
    }
  }
}

async function* oneChain(
  transport: ApiTransport,
  { path, query }: { readonly path: string; readonly query: Query },
  signal: AbortSignal,
): AsyncGenerator<ListStep> {
  let next: string | undefined;
  let version: string | undefined;
  do {
    const page: Query = { ...query, limit: pageSize, continue: next };
    const answer = await transport.request({ method: "GET", path, query: page, signal });
    const parsed = pageSchema.safeParse(answer);
    if (!parsed.success) {
      const message = `LIST ${path}: the answer is no list`;
      throw new KubeApiError({ code: "UnexpectedAnswer", httpStatus: 0, message, cause: parsed.error });
    }
    const { metadata, items } = parsed.data;
    if (version === undefined) {
      version = metadata.resourceVersion;
      yield { kind: "begin", resourceVersion: version };
    }
    yield { kind: "items", items: items ?? [] };
    next = metadata.continue === "" ? undefined : metadata.continue;
  } while (next !== undefined);
  yield { kind: "end", resourceVersion: version };
}
