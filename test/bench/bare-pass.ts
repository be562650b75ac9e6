import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { BenchClient } from "./bench-fleet.ts";

interface Kept {
  readonly uuid: string;
  readonly name: string;
  readonly job: Stats;
  readonly fileSet: Stats;
}

/** What a bare loop did; all VMs must be in step, else it did not do its work. */
export interface BareFigures {
  readonly parseMs: number;
  readonly statMs: number;
  readonly compareMs: number;
  readonly inStep: number;
}

/**
 * The least that a pass without changes can do: cut the answers into fields, look at both files of each VM, and compare
 * with what is remembered. No process is started, nothing is asked over a wire, and the event loop is blocked all along.
 */
export class BarePass {
  readonly #clients: readonly BenchClient[];
  readonly #baseDir: string;
  readonly #kept = new Map<string, Kept>();

  constructor(clients: readonly BenchClient[], baseDir: string) {
    this.#clients = clients;
    this.#baseDir = baseDir;
    for (const { spec, vms } of clients) {
      for (const { uuid, name } of vms) this.#kept.set(uuid, { uuid, name, ...this.#look(spec, name) });
    }
  }

  run(): BareFigures {
    let [parseMs, statMs, compareMs, inStep] = [0, 0, 0, 0];
    for (const { spec, answer } of this.#clients) {
      const start = performance.now();
      const live = parse(answer);
      const parsed = performance.now();
      const looks = live.map(({ name }) => this.#look(spec, name));
      const looked = performance.now();
      for (const [index, { uuid, name }] of live.entries()) {
        const kept = this.#kept.get(uuid);
        const look = looks[index];
        if (kept === undefined || look === undefined || kept.name !== name) continue;
        if (isSame(kept.job, look.job) && isSame(kept.fileSet, look.fileSet)) inStep += 1;
      }
      const end = performance.now();
      parseMs += parsed - start;
      statMs += looked - parsed;
      compareMs += end - looked;
    }
    return { parseMs, statMs, compareMs, inStep };
  }

  #look({ datacenter, openstack }: BenchClient["spec"], slug: string): Pick<Kept, "job" | "fileSet"> {
    const folder = join(this.#baseDir, datacenter, openstack, slug);
    return { job: lstatSync(join(folder, "job")), fileSet: lstatSync(join(folder, "fileset")) };
  }
}

function parse(answer: string): readonly { readonly name: string; readonly uuid: string }[] {
  const vms: { name: string; uuid: string }[] = [];
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf("\n", at);
    const cut = answer.indexOf(" uuid=", at);
    vms.push({ name: answer.slice(at + "server=".length, cut), uuid: answer.slice(cut + " uuid=".length, end) });
    at = end + 1;
  }
  return vms;
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ctimeMs === b.ctimeMs && a.size === b.size && a.ino === b.ino;
}
