import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCatalog } from "../../../src/catalog/catalog.ts";
import type { CatalogTls } from "../../../src/catalog/pool.ts";
import type { CatalogAnswer } from "../../../src/sync/ports.ts";
import { BACULA_TABLES } from "./bacula-tables.ts";
import { type PostgresCluster, startPostgres } from "./postgres-cluster.ts";

let cluster: PostgresCluster;
let certificate: string;
let anotherCa: string;

beforeAll(async () => {
  cluster = await startPostgres();
  await cluster.sql(BACULA_TABLES);
  certificate = await makeCertificate("server", "IP:127.0.0.1");
  anotherCa = await makeCertificate("other", "IP:127.0.0.1");
  cluster.addFile("server.crt", readFileSync(certificate));
  cluster.addFile("server.key", readFileSync(join(cluster.folder, "server.key")));
  await cluster.sql("ALTER SYSTEM SET ssl = on");
  await cluster.stop();
  cluster.addFile("pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  await cluster.start();
}, 120_000);
afterAll(async () => {
  await cluster.remove();
});

async function makeCertificate(name: string, san: string): Promise<string> {
  const path = join(cluster.folder, `${name}.crt`);
  const key = join(cluster.folder, `${name}.key`);
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" ");
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=${san}`];
  await promisify(execFile)("openssl", [...request, ...subject, "-keyout", key, "-out", path]);
  return path;
}

async function ask(tls: CatalogTls, host = "127.0.0.1"): Promise<CatalogAnswer> {
  const { port, database, user, password } = cluster;
  const catalog = createCatalog({ host, port, database, user, password, tls, statementTimeoutMs: 5000, clock: Date });
  try {
    const client = { datacenter: "dc", openstack: "os", client: "fd", jobPrefix: "p-" };
    return await catalog.history(client, new AbortController().signal);
  } finally {
    await catalog.close();
  }
}

describe("DB_TLS against a server with a self-signed certificate", () => {
  it("1 with its CA reads", async () => {
    expect((await ask({ kind: "verified", caFile: certificate })).kind).toBe("read");
  });

  it("unverified reads", async () => {
    expect((await ask({ kind: "unverified" })).kind).toBe("read");
  });

  it.each([
    ["without a CA", undefined],
    ["with another's CA", "another"],
  ])("1 %s refuses and says what to set", async (_, ca) => {
    const answer = await ask({ kind: "verified", caFile: ca === undefined ? undefined : anotherCa });
    expect(answer).toMatchObject({ kind: "unknown", reason: "Unreachable" });
    expect(answer).toHaveProperty("detail", expect.stringContaining("DB_TLS_CA"));
  });

  it("1 refuses a certificate for another host", async () => {
    const answer = await ask({ kind: "verified", caFile: certificate }, "localhost");
    expect(answer).toMatchObject({ kind: "unknown", reason: "Unreachable" });
    expect(answer).toHaveProperty("detail", expect.stringContaining("DB_HOST"));
  });

  it("0 does not fall back to an encrypted connection: the server's refusal is told", async () => {
    expect(await ask({ kind: "off" })).toMatchObject({ kind: "unknown", reason: "NotAuthorized" });
  });

  it("names a CA file that cannot be read", async () => {
    const answer = await ask({ kind: "verified", caFile: "/nowhere/ca.pem" });
    expect(answer).toMatchObject({ kind: "unknown", reason: "Unreachable" });
    expect(answer).toHaveProperty("detail", expect.stringContaining("/nowhere/ca.pem"));
  });
});

describe("DB_TLS 1 against a server without TLS", () => {
  it("never speaks in the clear", async () => {
    const plain = await startPostgres();
    try {
      const { port, database, user, password, host } = plain;
      const tls = { kind: "verified", caFile: certificate } as const;
      const catalog = createCatalog({
        host,
        port,
        database,
        user,
        password,
        tls,
        statementTimeoutMs: 5000,
        clock: Date,
      });
      const client = { datacenter: "dc", openstack: "os", client: "fd", jobPrefix: "p-" };
      const answer = await catalog.history(client, new AbortController().signal);
      await catalog.close();
      expect(answer).toMatchObject({ kind: "unknown", reason: "Unreachable" });
      expect(answer).toHaveProperty("detail", expect.stringMatching(/SSL/));
    } finally {
      await plain.remove();
    }
  }, 60_000);
});
