import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CatalogFacts, judgeCatalog, READ_TABLES } from "./judge-catalog.ts";

const FACTS: CatalogFacts = {
  where: 'catalog "bacula"',
  tls: "off",
  isLocal: true,
  tables: READ_TABLES.map((name) => ({ name, exists: true, maySelect: true, mayWrite: false })),
  schemaVersion: 1026,
  isKnownSchema: true,
  isSuperuser: false,
  clockAheadMs: 0,
  alsoPurges: false,
};
const troubleOf = (facts: Partial<CatalogFacts>) =>
  judgeCatalog({ ...FACTS, ...facts }).filter(({ level }) => level !== "OK");

describe("the catalog as preflight judges it", () => {
  it("has nothing wrong when all is as it should be", () => {
    expect(troubleOf({})).toEqual([]);
    expect(troubleOf({ tls: "verified", tlsVersion: "TLSv1.3", isLocal: false })).toEqual([]);
  });

  it.each([
    ["no TLS over the network", { isLocal: false }, "WARN", /over the network/u],
    ["TLS with any certificate", { tls: "unverified", tlsVersion: "TLSv1.3" }, "WARN", /not verified/u],
    ["an unknown schema", { schemaVersion: 2000, isKnownSchema: false }, "FAIL", /schema version 2000/u],
    ["a schema that could not be read", { schemaVersion: undefined, isKnownSchema: false }, "FAIL", /unknown/u],
    ["a superuser", { isSuperuser: true }, "WARN", /superuser/u],
    ["a clock behind ours", { clockAheadMs: -301_000 }, "FAIL", /301 s behind ours/u],
    ["a clock ahead of ours", { clockAheadMs: 301_000 }, "FAIL", /301 s ahead of ours/u],
  ] as const)("tells %s", (_, facts, level, line) => {
    expect(troubleOf(facts)).toEqual([expect.objectContaining({ level, line: expect.stringMatching(line) })]);
  });

  it("names exactly the tables that are missing, unread or writable", () => {
    const table = fc.record({ exists: fc.boolean(), maySelect: fc.boolean(), mayWrite: fc.boolean() });
    fc.assert(
      fc.property(fc.tuple(table, table, table, table), fc.boolean(), (rights, alsoPurges) => {
        const tables = READ_TABLES.map((name, at) => ({
          name,
          ...(rights[at] ?? { exists: true, maySelect: true, mayWrite: false }),
        }));
        const namesOf = (isMeant: (one: (typeof tables)[number]) => boolean) =>
          tables
            .filter(isMeant)
            .map(({ name }) => name)
            .join(", ");
        const missing = namesOf(({ exists }) => !exists);
        const unread = namesOf(({ exists, maySelect }) => exists && !maySelect);
        const written = namesOf(({ exists, mayWrite }) => exists && mayWrite);
        const lines = troubleOf({ tables, alsoPurges }).map(({ line }) => line);
        const expected = [
          ...(missing === "" ? [] : [`tables of Bacula are missing: ${missing}`]),
          ...(unread === "" ? [] : [`DB_USER may not read ${unread}`]),
          ...(unread === "" && written !== "" && !alsoPurges ? [`DB_USER may change ${written}`] : []),
        ];
        expect(lines).toEqual(expected);
      }),
    );
  });
});
