import { DatabaseError } from "pg";
import { describe, expect, it } from "vitest";
import {
  isConnectionLost,
  judgeCatalogError,
  NoPasswordError,
  QueryTimeoutError,
  WrongSchemaError,
} from "./catalog-error.ts";
import { PassFileError } from "./pass-file.ts";
import { KNOWN_SCHEMA_VERSIONS, requireKnownSchema } from "./schema.ts";

const WHERE = 'catalog "bacula" at db:5432 as user "reader"';

function sqlState(code: string): DatabaseError {
  const error = new DatabaseError("words of the server", 10, "error");
  error.code = code;
  return error;
}

function coded(code: string, message = "words"): Error {
  return Object.assign(new Error(message), { code });
}

describe("an error of the catalog is classified once", () => {
  it.each([
    ["28P01", "NotAuthorized"],
    ["28000", "NotAuthorized"],
    ["42501", "NotAuthorized"],
    ["3D000", "WrongSchema"],
    ["42P01", "WrongSchema"],
    ["42703", "WrongSchema"],
    ["57014", "TimedOut"],
    ["57P01", "Unreachable"],
    ["57P03", "Unreachable"],
    ["53300", "Unreachable"],
    ["08006", "Unreachable"],
    ["XX000", "QueryFailed"],
    ["22021", "QueryFailed"],
  ])("SQLSTATE %s is %s", (state, reason) => {
    const trouble = judgeCatalogError(sqlState(state), "query", WHERE);
    expect(trouble.reason).toBe(reason);
    expect(trouble.detail).toBe(`${WHERE}: words of the server (SQLSTATE ${state})`);
  });

  it.each([
    [coded("ECONNREFUSED"), "Unreachable"],
    [coded("ENOTFOUND"), "Unreachable"],
    [new Error("Connection terminated unexpectedly"), "Unreachable"],
    [new QueryTimeoutError(100), "TimedOut"],
    [new NoPasswordError("no password"), "NotAuthorized"],
    [new PassFileError("bad file"), "NotAuthorized"],
    [new WrongSchemaError("no"), "WrongSchema"],
  ] as const)("%s is %s", (error, reason) => {
    expect(judgeCatalogError(error, "connect", WHERE).reason).toBe(reason);
  });

  it("says what to do about a certificate", () => {
    const { detail } = judgeCatalogError(
      coded("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"),
      "connect",
      WHERE,
    );
    expect(detail).toContain("DB_TLS_CA");
  });

  it("keeps the detail to one bounded line", () => {
    const { detail } = judgeCatalogError(new Error(`a\r\nb\u001b[31m${"x".repeat(5000)}`), "query", WHERE);
    expect(detail).not.toMatch(/\p{Cc}/u);
    expect(detail.length).toBeLessThanOrEqual(500);
  });

  it("gives the code of an error without words", () => {
    expect(judgeCatalogError(coded("ECONNREFUSED", ""), "connect", WHERE).detail).toContain("ECONNREFUSED");
  });

  it("tries again only what a new connection may cure", () => {
    expect(isConnectionLost(sqlState("57P01"))).toBe(true);
    expect(isConnectionLost(coded("ECONNRESET"))).toBe(true);
    expect(isConnectionLost(sqlState("42P01"))).toBe(false);
    expect(isConnectionLost(new QueryTimeoutError(1))).toBe(false);
  });
});

describe("Bacula's schema", () => {
  it("is known for Bacula 15", () => {
    expect(KNOWN_SCHEMA_VERSIONS).toContain(1026);
    expect(() => requireKnownSchema(1026)).not.toThrow();
  });

  it.each([1027, 9999, null])("is refused as %s, naming what is known", (version) => {
    expect(() => requireKnownSchema(version)).toThrow(/known are .*1026/);
  });
});
