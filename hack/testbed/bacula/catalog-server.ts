import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cacheFolder } from "../cache-folders.ts";
import { Daemon } from "../daemon.ts";

/**
 * PostgreSQL with an empty catalog of Bacula, copied from the template that install.sh has made. SIGINT is PostgreSQL's
 * fast shutdown: sessions are cut, nothing is lost.
 */
export async function prepareCatalogServer(bed: string, port: number, outlivesCaller: boolean): Promise<CatalogServer> {
  const template = join(cacheFolder(), "bacula/catalog-template");
  const data = join(bed, "catalog");
  // cp keeps the owner, which is user postgres when we are root; fs.cp would not.
  await execa("cp", ["-a", "--reflink=auto", template, data]);
  const bin = (await readFile(join(template, "made-for"), "utf8")).trim();
  const daemon = new Daemon({
    name: "catalog",
    folder: bed,
    user: process.getuid?.() === 0 ? "postgres" : undefined,
    stopSignal: "SIGINT",
    // A killed PostgreSQL would leave its shared memory behind.
    deathSignal: "SIGINT",
    stopGraceMs: 10_000,
    outlivesCaller,
    isReady: () => isServing(data),
    readyTimeoutMs: 30_000,
  });
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "100",
  };
  const command = [
    join(bin, "postgres"),
    "-D",
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  return { daemon, start: () => daemon.start(command) };
}

export interface CatalogServer {
  readonly daemon: Daemon;
  readonly start: () => Promise<void>;
}

/** PostgreSQL writes its state to the eighth line of its pid file. */
async function isServing(data: string): Promise<boolean> {
  try {
    const lines = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
    return lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}
