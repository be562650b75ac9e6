import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PassFileError, passwordFor, passwordFromFile } from "./pass-file.ts";

const login = { host: "db.example", port: 5432, database: "bacula", user: "reader" };

describe("PGPASSFILE by libpq's rules", () => {
  it.each([
    ["an exact line", "db.example:5432:bacula:reader:secret", "secret"],
    ["wildcards", "*:*:*:*:secret", "secret"],
    ["the first line that fits", "other:*:*:*:no\n*:5432:*:reader:first\n*:*:*:*:second", "first"],
    ["comments are skipped", "#*:*:*:*:no\n*:*:*:*:yes", "yes"],
    ["an escaped colon and backslash in the password", String.raw`*:*:*:*:a\:b\\c`, String.raw`a:b\c`],
    ["plain colons in the password", "*:*:*:*:a:b:c", "a:b:c"],
    ["Windows line ends", "*:*:*:*:secret\r\n", "secret"],
    ["another port", "db.example:5433:bacula:reader:no", undefined],
    ["another user", "db.example:5432:bacula:writer:no", undefined],
    ["a wildcard is the whole field", "db.*:5432:bacula:reader:no", undefined],
    ["too few fields", "db.example:5432:bacula:reader", undefined],
    ["nothing", "", undefined],
  ])("%s", (_, text, expected) => {
    expect(passwordFor(text, login)).toBe(expected);
  });

  it("calls a Unix socket localhost", () => {
    expect(passwordFor("localhost:5432:bacula:reader:secret", { ...login, host: "/run/postgresql" })).toBe("secret");
  });

  it("finds any login and password that were written escaped", () => {
    const field = fc.string({ minLength: 1 }).filter((text) => !/[\r\n]/.test(text) && text !== "*");
    const escaped = (text: string) => text.replaceAll(/[\\:]/g, (char) => `\\${char}`);
    fc.assert(
      fc.property(field, field, field, field, (host, database, user, password) => {
        fc.pre(!host.startsWith("#") && !host.startsWith("/"));
        const line = [host, "5432", database, user, password].map(escaped).join(":");
        expect(passwordFor(line, { host, port: 5432, database, user })).toBe(password);
      }),
    );
  });
});

describe("the password file itself", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "passfile-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is read when only its owner may", async () => {
    const path = join(folder, "pgpass");
    writeFileSync(path, "*:*:*:*:secret\n", { mode: 0o600 });
    expect(await passwordFromFile(path, login)).toBe("secret");
  });

  it.each([0o640, 0o604, 0o660])("is refused with mode %o, without a word of its content", async (mode) => {
    const path = join(folder, "pgpass");
    writeFileSync(path, "*:*:*:*:secret\n");
    chmodSync(path, mode);
    const error = await passwordFromFile(path, login).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PassFileError);
    expect(String(error)).toContain("chmod 0600");
    expect(String(error)).not.toContain("secret");
  });

  it("names itself when it is missing", async () => {
    await expect(passwordFromFile(join(folder, "none"), login)).rejects.toThrow(/none cannot be read/);
  });
});
