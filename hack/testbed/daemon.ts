import { spawn } from "node:child_process";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, isOurs, signalOurs } from "./process-end.ts";

export interface DaemonSettings {
  /** Names the pid file and the log file. */
  readonly name: string;
  /** The bed's run folder; the command line must name a path in it, which proves later that a process is ours. */
  readonly folder: string;
  readonly user?: "postgres" | undefined;
  readonly stopSignal: NodeJS.Signals;
  /** What the kernel sends when the caller has ended; SIGKILL where nothing is lost by it. */
  readonly deathSignal: "SIGKILL" | "SIGINT";
  /** After that long a stopped daemon is killed. */
  readonly stopGraceMs: number;
  /** False: the kernel kills the daemon when the process that started it ends, however that ends. */
  readonly outlivesCaller: boolean;
  /** Resolves to true once the daemon serves. */
  readonly isReady: () => Promise<boolean>;
  readonly readyTimeoutMs: number;
}

/** One process of a test bed, with its pid file `pid/<name>` and its output in `log/<name>.log`. */
export class Daemon {
  readonly #settings: DaemonSettings;
  #pid: number | undefined;

  constructor(settings: DaemonSettings) {
    this.#settings = settings;
  }

  /** The process id, of this start or of the last one. Throws before the first start. */
  get pid(): number {
    if (this.#pid === undefined) throw new Error(`${this.#settings.name} was never started`);
    return this.#pid;
  }

  get logFile(): string {
    return join(this.#settings.folder, "log", `${this.#settings.name}.log`);
  }

  async isAlive(): Promise<boolean> {
    return this.#pid !== undefined && (await isOurs(this.#pid, this.#settings.folder));
  }

  /** Starts the command and resolves when it serves; throws with the end of its log when it ends or takes too long. */
  async start(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const { name, folder } = this.#settings;
    if (await this.isAlive()) throw new Error(`${name} runs already (process ${this.pid})`);
    await mkdir(join(folder, "pid"), { recursive: true });
    await mkdir(join(folder, "log"), { recursive: true });
    const log = await open(this.logFile, "a");
    try {
      const [program = "", ...args] = this.#launch(command);
      const child = spawn(program, args, {
        cwd: "/",
        env: { ...daemonEnvironment(folder), ...environment },
        detached: true,
        stdio: ["ignore", log.fd, log.fd],
      });
      const failure = new Promise<never>((_, reject) => child.once("error", reject));
      failure.catch(() => undefined);
      if (child.pid === undefined) return await failure;
      child.unref();
      this.#pid = child.pid;
      await writeFile(join(folder, "pid", name), `${child.pid}\n`);
    } finally {
      await log.close();
    }
    await this.#waitUntilReady();
  }

  /** Asks it to end, kills it when it does not; resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#end(this.#settings.stopSignal);
  }

  /** Sends the signal. After SIGKILL it resolves when the process is gone, otherwise at once. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (signal === "SIGKILL") await this.#end(signal);
    else if (this.#pid !== undefined) await signalOurs(this.#pid, this.#settings.folder, signal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#pid === undefined) return;
    await endProcess(this.#pid, this.#settings.folder, signal, this.#settings.stopGraceMs);
    await rm(join(this.#settings.folder, "pid", this.#settings.name), { force: true });
  }

  #launch(command: readonly string[]): readonly string[] {
    const { user, outlivesCaller, deathSignal } = this.#settings;
    const identity = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--init-groups"];
    const options = [...identity, ...(outlivesCaller ? [] : ["--pdeathsig", deathSignal.slice("SIG".length)])];
    return options.length === 0 ? command : ["setpriv", ...options, "--", ...command];
  }

  async #waitUntilReady(): Promise<void> {
    const { name, readyTimeoutMs, isReady } = this.#settings;
    const deadline = performance.now() + readyTimeoutMs;
    while (!(await isReady())) {
      const problem = await this.#problem(deadline, readyTimeoutMs);
      if (problem !== undefined) {
        await this.kill();
        throw new Error(`${name} ${problem}; the end of ${this.logFile}:\n${await this.#logTail()}`);
      }
      await sleep(30);
    }
  }

  async #problem(deadline: number, timeoutMs: number): Promise<string | undefined> {
    if (performance.now() > deadline) return `did not serve within ${timeoutMs / 1000} s`;
    return (await this.isAlive()) ? undefined : "ended at its start";
  }

  async #logTail(): Promise<string> {
    const text = await readFile(this.logFile, "utf8");
    return text.split("\n").slice(-15).join("\n");
  }
}

/** What daemons get of our environment: nothing but the search path and the time zone. */
function daemonEnvironment(folder: string): Record<string, string> {
  const { PATH: searchPath = "/usr/sbin:/usr/bin:/sbin:/bin", TZ: zone } = process.env;
  return { PATH: searchPath, HOME: folder, LC_ALL: "C", ...(zone === undefined ? {} : { TZ: zone }) };
}
