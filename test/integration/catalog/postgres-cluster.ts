import { execFile } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { freePorts } from "../../../hack/testbed/free-ports.ts";

const run = promisify(execFile);

/** An own PostgreSQL for tests that stop it, break it or change its TLS; encoded SQL_ASCII as Bacula's catalog is. */
export interface PostgresCluster {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Owner of everything, with a password over TCP. */
  readonly user: string;
  readonly password: string;
  readonly folder: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Writes a file into the data folder, readable by the server only. */
  addFile(name: string, text: string | Buffer): string;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  remove(): Promise<void>;
}

const PASSWORD = "only-for-tests";

export async function startPostgres(): Promise<PostgresCluster> {
  const bin = newestBin();
  const owner = process.getuid?.() === 0 ? await idsOf("postgres") : undefined;
  const folder = mkdtempSync(join(tmpdir(), "catalog-pg-"));
  const passwordFile = join(folder, "superuser");
  writeFileSync(passwordFile, PASSWORD);
  if (owner !== undefined) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const [port = 0] = await freePorts(1);
  const data = join(folder, "data");
  const as = { ...owner, cwd: folder, env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" } };
  await run(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-E",
      "SQL_ASCII",
      "--locale=C",
      "-U",
      "postgres",
      "-A",
      "scram-sha-256",
      "--pwfile",
      passwordFile,
      "-N",
    ],
    as,
  );
  const pgCtl = (...args: string[]) => run(join(bin, "pg_ctl"), ["-D", data, "-s", "-w", ...args], as);
  const options = `-c listen_addresses=127.0.0.1 -p ${port} -c unix_socket_directories= -c fsync=off`;
  const start = async () => {
    await pgCtl("-l", join(folder, "log"), "-o", options, "start");
  };
  await start();

  const login = { host: "127.0.0.1", port, database: "postgres", user: "postgres", password: PASSWORD };
  return {
    ...login,
    folder,
    start,
    stop: async () => {
      await pgCtl("-m", "fast", "stop");
    },
    addFile(name, text) {
      const path = join(data, name);
      writeFileSync(path, text, { mode: 0o600 });
      if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
      return path;
    },
    async sql(text, values = []) {
      const client = new Client(login);
      await client.connect();
      try {
        await client.query("SET client_encoding TO 'SQL_ASCII'");
        const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
        return rows;
      } finally {
        await client.end();
      }
    },
    async remove() {
      await pgCtl("-m", "immediate", "stop").catch(() => {}); // a test may have stopped it
      rmSync(folder, { recursive: true });
    },
  };
}

function newestBin(): string {
  const base = "/usr/lib/postgresql";
  const versions = readdirSync(base).map(Number).filter(Number.isFinite);
  return join(base, String(Math.max(...versions)), "bin");
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, user])).stdout)),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
