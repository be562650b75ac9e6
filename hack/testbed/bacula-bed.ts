import { appendFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { type CatalogServer, prepareCatalogServer } from "./bacula/catalog-server.ts";
import {
  type BaculaPorts,
  baculaProgram,
  type Catalog,
  type FdPlugins,
  fdConfiguration,
  writeConfiguration,
} from "./bacula/configuration.ts";
import { runFolder } from "./cache-folders.ts";
import { Daemon } from "./daemon.ts";
import { freePorts } from "./free-ports.ts";
import { install } from "./install.ts";
import { isListening } from "./reachable.ts";
import { claimRunFolder, releaseRunFolder, wipeRunFolder } from "./run-folder.ts";

export interface BaculaBedOptions {
  /** Own folder, own ports, own catalog: beds of different names run side by side. */
  readonly name: string;
  /** Client resources that point at the one File Daemon. */
  readonly clients?: readonly [string, ...string[]] | undefined;
  /** True: the daemons go on when this process ends (`npm run testbed:up`). Otherwise the kernel ends them with it. */
  readonly outlivesCaller?: boolean | undefined;
}

/** How long bconsole may take before a bed's own call of it is given up. */
const CONSOLE_TIMEOUT_MS = 120_000;

/**
 * A real Bacula for tests and the demo: Director, File Daemon with the stand-in openstack plugin, Storage Daemon,
 * PostgreSQL catalog. Everything is running when this resolves. Installs what is missing first.
 *
 * The Director has the Clients of `clients` (all are the one File Daemon) and `down-fd`, `wrongpw-fd`, `mute-fd`; JobDefs
 * DefaultJob, LinuxVMJob, Gold (own Pool and Schedule), AdminDefs (Type Admin); Pools Default, GoldPool; Schedules
 * WeeklyCycle, DailyCycle; Storage File1; Messages Standard, Daemon; the administrator's own Jobs HandWritten and
 * RestoreFiles; FileSet HandWritten. It is a community Director: `dedup = sha256` is refused by it.
 */
export async function startBaculaBed(options: BaculaBedOptions): Promise<BaculaBed> {
  await install("bacula");
  const dir = runFolder(options.name, "bacula");
  const clients = options.clients ?? ["bacula-dc1-os1-fd", "bacula-dc1-os2-fd", "bacula-dc2-os1-fd"];
  const outlivesCaller = options.outlivesCaller ?? false;
  await claimRunFolder(dir);
  const [director = 0, fd = 0, sd = 0, catalogPort = 0, mute = 0] = await freePorts(5);
  const ports = { director, fd, sd, catalog: catalogPort, mute };
  const catalog = { host: "127.0.0.1", port: catalogPort, database: "bacula", user: "bacula", password: "bacpw" };
  const [server] = await Promise.all([
    prepareCatalogServer(dir, catalogPort, outlivesCaller),
    writeConfiguration(dir, join(dir, "base"), clients, ports, catalog),
  ]);
  const bed = new BaculaBed(dir, ports, catalog, server, outlivesCaller);
  try {
    await Promise.all([bed.startCatalog(), bed.startSd(), bed.startFd()]);
    await bed.startDirector();
  } catch (error) {
    await wipeRunFolder(dir);
    throw error;
  }
  return bed;
}

export class BaculaBed {
  /** The bed's run folder. */
  readonly dir: string;
  readonly ports: BaculaPorts;
  readonly catalog: Catalog;
  readonly #catalogServer: CatalogServer;
  readonly #director: Daemon;
  readonly #fd: Daemon;
  readonly #sd: Daemon;
  #mute: { readonly server: Server; readonly sockets: Set<Socket> } | undefined;

  constructor(dir: string, ports: BaculaPorts, catalog: Catalog, server: CatalogServer, outlivesCaller: boolean) {
    this.dir = dir;
    this.ports = ports;
    this.catalog = catalog;
    this.#catalogServer = server;
    const daemon = (name: string, port: number): Daemon =>
      new Daemon({
        name,
        folder: dir,
        stopSignal: "SIGTERM",
        deathSignal: "SIGKILL",
        stopGraceMs: 5_000,
        outlivesCaller,
        isReady: () => isListening(port),
        readyTimeoutMs: 30_000,
      });
    this.#director = daemon("director", ports.director);
    this.#fd = daemon("fd", ports.fd);
    this.#sd = daemon("sd", ports.sd);
  }

  /** BASE_DIR of the program under test; its include.conf is the one generated file that the Director reads. */
  get baseDir(): string {
    return join(this.dir, "base");
  }

  /** Wants `-c <configuration>`. */
  get bconsolePath(): string {
    return baculaProgram("bconsole");
  }

  /** The Director's own, unrestricted console. */
  get bconsoleConf(): string {
    return join(this.dir, "etc/bconsole.conf");
  }

  /** The console `tool`, with the rights the program under test needs; it has no `messages`. */
  get restrictedBconsoleConf(): string {
    return join(this.dir, "etc/bconsole-tool.conf");
  }

  get directorConf(): string {
    return join(this.dir, "etc/bacula-dir.conf");
  }

  /** A DIRECTOR_TEST_COMMAND: reads the configuration as the Director would, rc 1 and a reason when it is wrong. */
  get directorTestCommand(): string {
    return `${baculaProgram("bacula-dir")} -t -c ${this.directorConf}`;
  }

  /** Empty, and included by the Director before include.conf: for somebody else's (broken) configuration. */
  get extraDirectorConf(): string {
    return join(this.dir, "etc/extra.conf");
  }

  /** What the Daemon messages are appended to (DIRECTOR_LOG): errors of the configuration and of reloads. */
  get daemonLogFile(): string {
    return join(this.dir, "log/daemon-messages.log");
  }

  /** Where the volumes' files are. */
  get volumesDir(): string {
    return join(this.dir, "volumes");
  }

  /**
   * What the plugin answers from now on to `.query ... parameter=<parameter>` for that proxy_server, byte for byte.
   * First line `#lines`: one message a line; `#sleep N`: waits N seconds; `#error`: plugin error; `#fatal TEXT`: that
   * text and a plugin error. A proxy_server that was given no text is a plugin error too. Backups of an instance that
   * is not in the `server` text fail.
   */
  async fleet(proxy: string, text: string | Uint8Array, parameter = "server"): Promise<void> {
    const file = join(this.dir, "fleet", `${proxy}.${parameter}`);
    await writeFile(`${file}.part`, text);
    await rename(`${file}.part`, file);
  }

  /** Takes the answer away: the plugin fails for that proxy_server again. */
  async forgetFleet(proxy: string, parameter = "server"): Promise<void> {
    await rm(join(this.dir, "fleet", `${proxy}.${parameter}`), { force: true });
  }

  /** Runs the commands, one a line, in one session of the unrestricted console; the session's whole stdout. */
  async console(commands: string): Promise<string> {
    return this.#runConsole(this.bconsoleConf, commands);
  }

  /** The same in the console `tool`. */
  async restrictedConsole(commands: string): Promise<string> {
    return this.#runConsole(this.restrictedBconsoleConf, commands);
  }

  async #runConsole(configuration: string, commands: string): Promise<string> {
    const result = await execa(this.bconsolePath, ["-c", configuration], {
      input: `${commands}\n`,
      env: { HOME: this.dir, LC_ALL: "C", PATH: "/usr/bin:/bin" },
      extendEnv: false,
      timeout: CONSOLE_TIMEOUT_MS,
      reject: false,
      stripFinalNewline: false,
    });
    if (result.timedOut)
      throw new Error(`bconsole did not end within ${CONSOLE_TIMEOUT_MS / 1000} s: ${result.stdout}`);
    return result.stdout;
  }

  /** All that the Director appended to its daemon log since the bed's start. */
  async daemonLog(): Promise<string> {
    try {
      return await readFile(this.daemonLogFile, "utf8");
    } catch {
      return "";
    }
  }

  /** Adds text to somebody else's part of the Director's configuration; it counts after a reload or a restart. */
  async addDirectorConf(text: string): Promise<void> {
    await appendFile(this.extraDirectorConf, `${text}\n`);
  }

  /** Throws, with the Director's words, when it does not take its configuration or finds no catalog. */
  async startDirector(): Promise<void> {
    await this.#director.start([baculaProgram("bacula-dir"), "-f", "-c", this.directorConf]);
  }

  async stopDirector(): Promise<void> {
    await this.#director.stop();
  }

  async killDirector(): Promise<void> {
    await this.#director.kill();
  }

  /** Gives back every reload slot and console slot that the Director has lost (32 and 20 in its lifetime). */
  async restartDirector(): Promise<void> {
    await this.stopDirector();
    await this.startDirector();
  }

  get directorPid(): number {
    return this.#director.pid;
  }

  async startFd(options: { readonly plugins?: FdPlugins | false | undefined } = {}): Promise<void> {
    const plugins = options.plugins === false ? "none" : (options.plugins ?? "openstack");
    const configuration = fdConfiguration(this.dir, plugins);
    const environment = { OPENSTACK_FLEET_DIR: join(this.dir, "fleet") };
    await this.#fd.start([baculaProgram("bacula-fd"), "-f", "-c", configuration], environment);
  }

  async stopFd(): Promise<void> {
    await this.#fd.stop();
  }

  async killFd(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.#fd.kill(signal);
  }

  /** The File Daemon keeps its connections and says nothing, until resumeFd(). */
  async pauseFd(): Promise<void> {
    await this.#fd.kill("SIGSTOP");
  }

  async resumeFd(): Promise<void> {
    await this.#fd.kill("SIGCONT");
  }

  /** With other plugins from now on: `false` or `none` answers .query with nothing, `bpipe` with `plugin not found`. */
  async restartFd(options: { readonly plugins?: FdPlugins | false | undefined } = {}): Promise<void> {
    await this.stopFd();
    await this.startFd(options);
  }

  get fdPid(): number {
    return this.#fd.pid;
  }

  async startSd(): Promise<void> {
    await this.#sd.start([baculaProgram("bacula-sd"), "-f", "-c", join(this.dir, "etc/bacula-sd.conf")]);
  }

  async stopSd(): Promise<void> {
    await this.#sd.stop();
  }

  async startCatalog(): Promise<void> {
    await this.#catalogServer.start();
  }

  /** Cuts every session, as a restart of the database does. */
  async stopCatalog(): Promise<void> {
    await this.#catalogServer.daemon.stop();
  }

  /** From now on `mute-fd` accepts connections and says nothing. It lives in this process. */
  async startMuteFd(): Promise<void> {
    if (this.#mute !== undefined) return;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.unref();
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.ports.mute, "127.0.0.1", resolve);
    });
    server.unref();
    this.#mute = { server, sockets };
  }

  /** How many wait for an answer of `mute-fd`. */
  get muteFdConnections(): number {
    return this.#mute?.sockets.size ?? 0;
  }

  /** Nobody listens for `mute-fd` any more, and those who wait for it are cut off. */
  stopMuteFd(): void {
    this.#mute?.server.close();
    for (const socket of this.#mute?.sockets ?? []) socket.destroy();
    this.#mute = undefined;
  }

  /** Ends every process of the bed; its folder stays, to look at. */
  async stop(): Promise<void> {
    this.stopMuteFd();
    await Promise.all([this.stopDirector(), this.stopFd(), this.stopSd()]);
    await this.stopCatalog();
    await releaseRunFolder(this.dir);
  }

  /** Ends every process of the bed at once and removes its folder. */
  async wipe(): Promise<void> {
    this.stopMuteFd();
    await Promise.all([this.#director, this.#fd, this.#sd].map((daemon) => daemon.kill()));
    await this.stopCatalog();
    await wipeRunFolder(this.dir);
  }
}
