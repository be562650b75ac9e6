import { DatabaseError } from "pg";
import { ZodError } from "zod";
import type { CatalogFailure } from "../sync/ports.ts";
import { PassFileError } from "./pass-file.ts";

export interface CatalogTrouble {
  readonly reason: CatalogFailure;
  /** Bounded, one line, without times: it may become a condition's message. */
  readonly detail: string;
}

/** What was being done: a network error while connecting and one in a query are told apart by it. */
export type CatalogStep = "connect" | "query";

/** Thrown inside this folder when the answer came but is not a catalog we know. */
export class WrongSchemaError extends Error {
  readonly code = "WrongSchema";

  constructor(message: string) {
    super(message);
    this.name = "WrongSchemaError";
  }
}

/** The server asks for a password and we have none. */
export class NoPasswordError extends Error {
  readonly code = "NoPassword";

  constructor(message: string) {
    super(message);
    this.name = "NoPasswordError";
  }
}

/** Our own timer ended a query that the server did not end (a dead network, a stopped server). */
export class QueryTimeoutError extends Error {
  readonly code = "QueryTimeout";

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = "QueryTimeoutError";
  }
}

const MAX_DETAIL = 500;

/** Classifies any error of talking to the catalog, once. `where` names host, port, database and user. */
export function judgeCatalogError(error: unknown, step: CatalogStep, where: string): CatalogTrouble {
  const { reason, words } = judge(error, step);
  return { reason, detail: bounded(`${where}: ${words}`) };
}

/** True when the connection is gone and a new one may well do: the server was restarted between two passes. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof DatabaseError) return /^(?:08...|57P0[1-3])$/.test(error.code ?? "");
  return isNetworkError(error);
}

/** An error without SQLSTATE that none of our own classes made comes from the socket, TLS or the pool. */
function isNetworkError(error: unknown): boolean {
  const isOurs =
    error instanceof DatabaseError ||
    error instanceof ZodError ||
    error instanceof WrongSchemaError ||
    error instanceof NoPasswordError ||
    error instanceof PassFileError ||
    error instanceof QueryTimeoutError;
  return error instanceof Error && !isOurs;
}

function judge(error: unknown, step: CatalogStep): { reason: CatalogFailure; words: string } {
  if (error instanceof DatabaseError) return judgeSqlState(error);
  if (error instanceof QueryTimeoutError) return { reason: "TimedOut", words: error.message };
  if (error instanceof PassFileError || error instanceof NoPasswordError) {
    return { reason: "NotAuthorized", words: error.message };
  }
  if (error instanceof WrongSchemaError) return { reason: "WrongSchema", words: error.message };
  if (error instanceof ZodError) return { reason: "WrongSchema", words: "a column has another type than Bacula's" };
  const verb = step === "connect" ? "cannot connect" : "the connection was lost";
  return { reason: "Unreachable", words: `${verb}: ${wordsOf(error)}${adviceFor(error)}` };
}

/** By SQLSTATE (PostgreSQL, appendix A). */
function judgeSqlState(error: DatabaseError): { reason: CatalogFailure; words: string } {
  const state = error.code ?? "";
  return { reason: reasonOf(state), words: `${error.message} (SQLSTATE ${state})` };
}

function reasonOf(state: string): CatalogFailure {
  if (state === "57014") return "TimedOut"; // statement_timeout
  if (/^28...$/.test(state) || state === "42501") return "NotAuthorized";
  // No such database, table, column or type: there is PostgreSQL, but not Bacula's catalog.
  if (["3D000", "42P01", "42703", "42883", "42804"].includes(state)) return "WrongSchema";
  if (/^(?:08...|57P0.|53...)$/.test(state)) return "Unreachable"; // shut down, starting, too many connections
  return "QueryFailed";
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  // Node tries every address of a name and then gives one error without words for all of them.
  if (error.message === "") return code ?? error.name;
  return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`;
}

/** Codes of OpenSSL and Node for a server certificate that was not believed. */
const CERTIFICATE_CODES = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/;

function adviceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return CERTIFICATE_CODES.test(code)
    ? "; set DB_TLS_CA to the CA of the server's certificate, or correct DB_HOST"
    : "";
}

function bounded(text: string): string {
  const line = text.replaceAll(/\p{Cc}+/gu, " ").trim();
  return line.length <= MAX_DETAIL ? line : `${line.slice(0, MAX_DETAIL - 1)}…`;
}
