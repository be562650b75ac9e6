import { KubeApiError } from "../http/api-error.ts";
import { failedAnswer } from "../http/failed-answer.ts";
import { isRecord } from "./raw-object.ts";

/** One line of a watch. */
export type WatchEvent =
  | { readonly kind: "present"; readonly raw: unknown }
  | { readonly kind: "deleted"; readonly raw: unknown }
  /** Nothing happened up to this version; `endsInitial` says that the objects of the beginning are now complete. */
  | { readonly kind: "bookmark"; readonly resourceVersion: string; readonly endsInitial: boolean }
  /** The server ends the watch, with a Status. */
  | { readonly kind: "failed"; readonly error: KubeApiError };

/** Marks the bookmark that closes a streaming list. */
const initialEventsEnd = "k8s.io/initial-events-end";

/**
 * Reads one line of a watch. Throws `KubeApiError` with code `UnexpectedAnswer` for what is none: to pass over it would
 * lose an event for good, since the next one moves the position beyond it.
 */
export function parseWatchEvent(line: Buffer, what: string, nowMs: number): WatchEvent {
  const event = parseJson(line, what);
  const { type, object } = isRecord(event) ? event : {};
  if (!isRecord(object)) throw unexpected(what, "a line is no watch event");
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { kind: "present", raw: object };
    case "DELETED":
      return { kind: "deleted", raw: object };
    case "BOOKMARK":
      return parseBookmark(object, what);
    case "ERROR": {
      const { code } = object;
      const httpStatus = typeof code === "number" ? code : 500;
      return { kind: "failed", error: failedAnswer({ request: what, httpStatus, body: object, nowMs }) };
    }
    default:
      throw unexpected(what, "an event of an unknown type");
  }
}

function parseBookmark(object: Readonly<Record<string, unknown>>, what: string): WatchEvent {
  const { metadata } = object;
  const { resourceVersion, annotations } = isRecord(metadata) ? metadata : {};
  if (typeof resourceVersion !== "string") throw unexpected(what, "a bookmark without a version");
  const endsInitial = isRecord(annotations) && annotations[initialEventsEnd] === "true";
  return { kind: "bookmark", resourceVersion, endsInitial };
}

function parseJson(line: Buffer, what: string): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch (error) {
    throw unexpected(what, "a line is not JSON", error);
  }
}

function unexpected(what: string, detail: string, cause?: unknown): KubeApiError {
  return new KubeApiError({ code: "UnexpectedAnswer", httpStatus: 0, message: `${what}: ${detail}`, cause });
}
