import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { BaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { baculaSettings } from "../../../hack/testbed/bacula-settings.ts";

const MAIN = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

export type Variables = Readonly<Record<string, string>>;

/** How one run of the program ended. */
export interface Run {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as a person or an Admin job runs it: its own process, an environment of its own, a clients.conf in a file. */
export class CommandLine {
  readonly folder: string;
  readonly #bacula: BaculaBed;

  private constructor(folder: string, bacula: BaculaBed) {
    this.folder = folder;
    this.#bacula = bacula;
  }

  static async create(bacula: BaculaBed, clientsConf: string): Promise<CommandLine> {
    const commandLine = new CommandLine(await mkdtemp(join(tmpdir(), "command-line-")), bacula);
    await commandLine.clientsConf(clientsConf);
    return commandLine;
  }

  get clientsConfFile(): string {
    return join(this.folder, "clients.conf");
  }

  async clientsConf(text: string): Promise<void> {
    await writeFile(this.clientsConfFile, text);
  }

  /** The variables of every run; those of `change` go before. */
  variables(change: Variables = {}): Variables {
    const { PATH = "/usr/bin:/bin" } = process.env;
    return {
      PATH,
      CLIENTS_CONF: this.clientsConfFile,
      ...baculaSettings(this.#bacula),
      RELOAD_AFTER_SYNC: "1",
      ...change,
    };
  }

  /** `stopAfterMs`: it gets SIGTERM then. */
  async run(args: readonly string[], change: Variables = {}, stopAfterMs?: number): Promise<Run> {
    const running = execa(process.execPath, [MAIN, ...args], {
      env: this.variables(change),
      extendEnv: false,
      reject: false,
      cwd: this.folder,
      stripFinalNewline: false,
      timeout: 100_000,
    });
    const timer = stopAfterMs === undefined ? undefined : setTimeout(() => running.kill("SIGTERM"), stopAfterMs);
    const { exitCode, stdout, stderr } = await running;
    clearTimeout(timer);
    return { exitCode, stdout, stderr };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
