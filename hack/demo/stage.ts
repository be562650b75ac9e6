import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BaculaBed } from "../testbed/bacula-bed.ts";
import type { KubeBed } from "../testbed/kube-bed.ts";
import { NAMESPACE } from "../testbed/operator-process.ts";
import type { DemoBed } from "./demo-bed.ts";
import { shellWord } from "./shell-word.ts";
import type { Terminal } from "./terminal.ts";
import { untilStopped } from "./until-stopped.ts";

const PROJECT = join(import.meta.dirname, "../..");

/** Where the tour takes place: it types commands, shows their output, and waits for what they promise. */
export class Stage {
  readonly bacula: BaculaBed;
  readonly kubernetes: KubeBed;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;

  constructor({ bacula, kubernetes }: DemoBed, terminal: Terminal, signal: AbortSignal) {
    this.bacula = bacula;
    this.kubernetes = kubernetes;
    this.terminal = terminal;
    this.signal = signal;
  }

  /** Shows and runs `kubectl <args>` in the demo's namespace, and shows the answer. */
  async kubectl(args: readonly string[]): Promise<void> {
    const inNamespace = [...args, "-n", NAMESPACE];
    this.terminal.command(`kubectl ${inNamespace.map(shellWord).join(" ")}`);
    this.terminal.output(await untilStopped(this.kubernetes.kubectl(inNamespace), this.signal));
  }

  /** Shows a manifest of the checkout and applies it. */
  async apply(file: string): Promise<void> {
    const path = join(PROJECT, file);
    this.terminal.command(`cat ${file}`);
    this.terminal.output(await readFile(path, "utf8"));
    this.terminal.command(`kubectl apply -f ${file}`);
    this.terminal.output(await untilStopped(this.kubernetes.kubectl(["apply", "-f", path]), this.signal));
  }

  /** Shows and runs `kubectl wait`: it ends when the object says so, and fails after the time limit. */
  async kubectlWait(object: string, condition: string, seconds: number): Promise<void> {
    await this.kubectl(["wait", object, `--for=${condition}`, `--timeout=${seconds}s`]);
  }

  /** Shows and runs one command of the Director's console; answers what it said. */
  async bconsole(command: string): Promise<string> {
    this.terminal.command(`echo ${shellWord(command)} | bconsole`);
    const session = await untilStopped(this.bacula.console(command), this.signal);
    const answer = session.slice(session.indexOf(`\n${command}\n`) + command.length + 2);
    this.terminal.output(answer.replace(/^You have messages\.\n/gm, ""));
    return answer;
  }

  /** Shows a file below BASE_DIR. */
  async cat(file: string): Promise<void> {
    this.terminal.command(`cat $BASE_DIR/${file}`);
    this.terminal.output(await readFile(join(this.bacula.baseDir, file), "utf8"));
  }
}
